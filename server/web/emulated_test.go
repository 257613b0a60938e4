package web

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// An answer of an emulated model says that no model wrote it.
func TestEmulatedLabel(t *testing.T) {
	ctx, _ := browser(t)
	srv := api(t)
	do(ctx, t, "start", chromedp.Navigate(srv.URL+"/"), chromedp.WaitReady("#question"))
	for script, want := range map[string]string{
		`modeLabel({model: "o1-mini (emulated)", mode: "generated"})`:                              "Written by an emulation of o1-mini, not by a model, from the pages below",
		`modeLabel({model: "o1-mini", mode: "generated"})`:                                         "Answered by o1-mini from the pages below",
		`facts({model: "o1-mini (emulated)", mode: "extractive", usage: {reasoning_tokens: 300}})`: "asked first: o1-mini (emulated), no model · 300 reasoning tokens",
	} {
		if got := eval[string](ctx, t, script); got != want {
			t.Errorf("%s = %q, want %q", script, got, want)
		}
	}
}
