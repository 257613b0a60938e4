package llm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

// A Listed is a model in a service's list.
type Listed struct {
	ID       string // its name for --model
	Shutdown string // date; "" if none is announced
}

// listTimeout bounds a request for the list of models, which must not delay an answer.
const listTimeout = 5 * time.Second

// listAge is how long a list is used again.
const listAge = 10 * time.Minute

// A list holds the models that a service lists for a key.
type list struct {
	get func(context.Context) ([]Listed, error)
	mu  sync.Mutex
	all []Listed
	at  time.Time
}

// newList returns the list of a service. It does not connect.
func newList(c Config, base *url.URL, hc *http.Client) *list {
	switch c.Provider {
	case azureName: // it lists models, not deployments
		return &list{get: func(context.Context) ([]Listed, error) { return nil, nil }}
	case anthropicName:
		service := newMessages(c, base, hc).models
		return &list{get: func(ctx context.Context) ([]Listed, error) {
			page, err := service.List(ctx, anthropic.ModelListParams{Limit: anthropic.Int(100)})
			if err != nil {
				return nil, messageError(err)
			} else if page == nil { // the body is null
				return nil, errNoCompletion
			}
			var out []Listed
			for _, m := range page.Data {
				out = append(out, Listed{ID: m.ID})
			}
			return out, nil
		}}
	}
	service := openai.NewModelService(append(openAIOptions(c, base, hc), option.WithMaxRetries(0))...)
	return &list{get: func(ctx context.Context) ([]Listed, error) {
		page, err := service.List(ctx)
		if err != nil {
			return nil, chatError(err)
		} else if page == nil { // the body is null
			return nil, errNoCompletion
		}
		var out []Listed
		for _, m := range page.Data {
			l := Listed{ID: m.ID}
			if !m.ShutdownDate.IsZero() {
				l.Shutdown = m.ShutdownDate.Format(time.DateOnly)
			}
			out = append(out, l)
		}
		return out, nil
	}}
}

// read returns the list, from the service if it is not known.
func (l *list) read(ctx context.Context) ([]Listed, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all != nil && time.Since(l.at) < listAge {
		return l.all, nil
	}
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	all, err := l.get(ctx)
	if err != nil {
		return nil, err
	}
	l.all, l.at = slices.DeleteFunc(all, func(m Listed) bool { return !modelName.MatchString(m.ID) }), time.Now()
	return l.all, nil
}

// modelName matches a name that is safe to show.
var modelName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,99}$`)

// Models returns the models that the service lists for the key; none if it has no list.
func (c *Client) Models(ctx context.Context) ([]Listed, error) {
	all, err := c.list.read(ctx)
	if err != nil {
		return nil, fmt.Errorf("llm: list the models: %w", c.explain(err))
	}
	return all, nil
}

// Shutdown returns the date on which the service shuts the model down, as its list says,
// else as the model's vendor has announced, if that is the service; "" if none is known.
func (c *Client) Shutdown(ctx context.Context) (string, error) {
	all, err := c.Models(ctx)
	for _, m := range all {
		if m.ID == c.model && m.Shutdown != "" {
			return m.Shutdown, nil
		}
	}
	if c.atVendor {
		return lifetimes[baseName(c.model)].until, nil
	}
	return "", err
}

// otherKinds matches names of models that write no answers, such as embedding models.
var otherKinds = regexp.MustCompile(`(?i)embed|tts|whisper|transcri|image|dall-e|audio|realtime|moderation|sora|babbage|davinci|rerank|guard|computer-use|-search|deep-research|codex|ocr|clip|stable-diffusion|instruct-\d`)

// Usable returns the names of the listed models that can answer questions: the
// preferred ones first, then those of a known family, newest first, then the others.
func Usable(all []Listed, now time.Time) []string {
	today := now.Format(time.DateOnly)
	var out []string
	for _, m := range all {
		if !otherKinds.MatchString(m.ID) && (m.Shutdown == "" || m.Shutdown > today) {
			out = append(out, m.ID)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}

// preferred are OpenAI's models from which the default is taken, in order: models that
// reason, at about the price of the first default, o1-mini, then what older keys have
// (prices of 2026-11-22).
var preferred = []string{"gpt-6.1-terra", "gpt-6-luna", "gpt-5.6-terra", "gpt-5.6-luna", "gpt-5.4-mini", "gpt-5-mini", "o4-mini", "o3-mini", "gpt-4o-mini", "o1-mini"}

// rank orders names by preference. Rows that stand later in the table are newer.
func rank(name string) int {
	if i := slices.Index(preferred, name); i >= 0 {
		return i
	}
	if p, _, _ := chooseProfile(name, "", false); p.name != compatible.name {
		i := slices.IndexFunc(profiles, func(q profile) bool { return q.name == p.name })
		return len(preferred) + len(profiles) - i
	}
	return len(preferred) + len(profiles) + 1
}

// DefaultModel returns the model to ask if the user names none: the first that the
// service lists for the key, in order of preference. Without a list it is the first
// preferred one, and the error says why there is no list.
func DefaultModel(ctx context.Context, c Config) (string, error) {
	c.Model = preferred[0]
	cl, err := New(Config{Provider: c.Provider, APIKey: c.APIKey, BaseURL: c.BaseURL, Model: c.Model, HTTPClient: c.HTTPClient})
	if err != nil {
		return c.Model, err
	}
	all, err := cl.Models(ctx)
	if usable := Usable(all, time.Now()); len(usable) > 0 {
		return usable[0], nil
	}
	return c.Model, err
}

// maxNamed is how many models an error names.
const maxNamed = 3

// errNoSuchModel is the [ErrConfig] of a model that the service does not have.
var errNoSuchModel = fmt.Errorf("%w", ErrConfig)

// nameOthers returns err, an errNoSuchModel, with the names of models that the key can
// use, and the date on which the model's vendor retired it.
func (c *Client) nameOthers(ctx context.Context, err error) error {
	gone := ""
	if date, past := end(c.model, time.Now()); past {
		gone = "; its vendor retired it on " + date
	}
	all, listErr := c.list.read(ctx)
	names := slices.DeleteFunc(Usable(all, time.Now()), func(name string) bool { return name == c.model })
	if listErr != nil || len(names) == 0 {
		if r, ok := errors.AsType[*reason](err); ok {
			return because(ErrConfig, "%s%s", r.text, gone)
		}
		return err // Unreachable: explain returns a reason.
	}
	return because(ErrConfig, "%s has no model %s for this key%s; set --model to one that the key can use, such as %s",
		c.host, c.model, gone, strings.Join(names[:min(len(names), maxNamed)], ", "))
}
