package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/citewell/citewell/answer/llm/emulate"
)

const (
	// emulatedLabel follows the name of an emulated model in every answer.
	emulatedLabel = " (emulated)"
	// emulatedKey is the API key of an emulated model.
	emulatedKey = "emulated"
)

func (a *app) emulateFlag(f *pflag.FlagSet, _ *config) {
	f.StringVar(&a.emulated, "emulate", "", "emulate this model, such as o1-mini: without a key, without a model")
}

// emulateModel serves the model of --emulate on loopback and changes the settings
// to use it. The function it returns stops the server.
func (a *app) emulateModel(ctx context.Context) (end func() error, err error) {
	if a.emulated == "" {
		return func() error { return nil }, nil
	}
	h, err := emulate.Handler(emulate.Config{Models: map[string]string{a.emulated: a.emulated}, Key: emulatedKey, Label: emulatedLabel})
	if err != nil {
		return nil, fmt.Errorf("--emulate: model %q is unknown: choose %s", a.emulated, strings.Join(emulate.Names(), ", "))
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	a.provider, a.modelProfile, a.apiVersion, a.model, a.defaultModel = "openai", "", "", a.emulated, false
	a.modelVars = map[string]Secret{"OPENAI_API_KEY": emulatedKey, "OPENAI_BASE_URL": Secret("http://" + ln.Addr().String() + "/v1")}
	if emulate.Anthropic(a.emulated) {
		a.provider = "anthropic"
		a.modelVars = map[string]Secret{"ANTHROPIC_API_KEY": emulatedKey, "ANTHROPIC_BASE_URL": Secret("http://" + ln.Addr().String())}
	}
	return func() error {
		err := srv.Close()
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}, nil
}
