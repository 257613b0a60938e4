package llm

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Values of Config.API: which of OpenAI's APIs asks the model.
const (
	APIAuto      = "auto"      // by the model's profile and the provider
	APIChat      = "chat"      // chat completions only
	APIResponses = "responses" // the Responses API; chat completions if the model or the service does not have it
)

// apiSupport tells which of OpenAI's APIs a model has.
type apiSupport int

const (
	chatOnly         apiSupport = iota
	bothAPIs                    // chat completions unless --api says otherwise
	preferResponses             // the Responses API at OpenAI and Azure
	toolsByResponses            // so, too, and chat completions accept tools only without reasoning
)

// Names of facts that the negotiation remembers: which API the service refuses for
// this model.
const (
	noChat      = "api:chat"
	noResponses = "api:responses"
)

// effortNone is the effort with which chat completions accept tools of any model.
const effortNone = "none"

// validateAPI returns an error if the API that the user has chosen is invalid.
func validateAPI(api, provider string) error {
	switch {
	case !slices.Contains([]string{"", APIAuto, APIChat, APIResponses}, api):
		return fmt.Errorf("%w: invalid --api %q (want %s, %s or %s)", ErrConfig, api, APIAuto, APIChat, APIResponses)
	case api == "" || api == APIAuto:
		return nil
	case provider == anthropicName:
		return fmt.Errorf("%w: --api %s is for services with OpenAI's API, not %s; leave it out", ErrConfig, api, provider)
	}
	return nil
}

// responsesOptions are the options, besides the effort, that the Responses API has.
var responsesOptions = []string{"temperature", "top_p", "parallel_tool_calls"}

// validateOptionsOf returns an error if the user has chosen the Responses API and an
// option that it does not have.
func (p profile) validateOptionsOf(api string, o Options) error {
	for _, s := range o.settings() {
		if api == APIResponses && p.api != chatOnly && s.given && !slices.Contains(responsesOptions, s.name) {
			return fmt.Errorf("%w: the Responses API has no %s; leave it out, or use --api chat", ErrConfig, s.name)
		}
	}
	return nil
}

// isOwnService reports whether a provider's address is OpenAI's or Azure's own, and
// not that of a compatible service.
func isOwnService(p Provider, base *url.URL) bool {
	host := base.Hostname()
	return p.Name == azureName || p.Name == openAIName && (host == "openai.com" || strings.HasSuffix(host, ".openai.com"))
}

// viaResponses reports whether r is sent to the Responses API: by what the service
// has refused, else by the user's choice, else by the profile and the service.
func (c *Client) viaResponses(r Request, effort string, m refusedParams) bool {
	p := c.profile
	switch {
	case c.responses == nil || m.refused[noResponses]:
		return false
	case m.refused[noChat] || c.api == APIResponses:
		return true
	case p.api == toolsByResponses && len(r.Tools) > 0 && effort != effortNone:
		return true
	}
	return c.ownService && (p.api == preferResponses || p.api == toolsByResponses)
}

// UsesResponses reports whether a plain question is sent to the Responses API.
func (c *Client) UsesResponses() bool {
	return c.viaResponses(Request{}, c.options.Effort, c.negotiated.snapshot())
}

// chatEffort returns the effort of a request to chat completions. Where tools are
// refused together with reasoning, it is none.
func (c *Client) chatEffort(r Request, effort string, m refusedParams) string {
	if c.provider.Name != anthropicName && len(r.Tools) > 0 && !m.refused["tools"] && !m.refused["reasoning_effort"] && (c.profile.api == toolsByResponses || m.refused[noChat]) {
		return effortNone
	}
	return effort
}

// validateEffortOfTools returns an error if the user has chosen chat completions and
// an effort with which they refuse tools.
func (c *Client) validateEffortOfTools(r Request) error {
	effort := c.options.Effort
	if c.api == APIChat && c.profile.api == toolsByResponses && len(r.Tools) > 0 && effort != "" && effort != effortNone {
		return fmt.Errorf("%w: chat completions accept tools with profile %s only with the effort none; leave --api out", ErrConfig, c.profile.name)
	}
	return nil
}

// protocolOf returns the client that sends o.
func (c *Client) protocolOf(o *outgoing) protocol {
	if o.viaResponses {
		return c.responses
	}
	return c.protocol
}

// refusedAPI returns the fact that the service does not have the API of o for this
// model, if err says so and the request can be sent in another way; else "".
func (c *Client) refusedAPI(o *outgoing, err error) string {
	f, ok := errors.AsType[*apiError](err)
	switch {
	case ok && o.refusesItems(f):
	case o.viaResponses && (ok && f.lacksResponses() || errors.Is(err, errNoCompletion)):
		return noResponses
	case !o.viaResponses && ok && f.wantsResponses() && (c.canAskResponses() || len(o.tools) > 0 && o.options.Effort != effortNone):
		return noChat
	}
	return ""
}

func (c *Client) canAskResponses() bool {
	return c.responses != nil && !c.negotiated.snapshot().refused[noResponses]
}

var (
	// asksForResponses matches an error of chat completions that names the other API.
	asksForResponses = regexp.MustCompile(`(?i)\bv1/responses\b|\bresponses (api|endpoint)\b`)
	// asksForChat matches an error of the Responses API that names the other one, or
	// says that the model does not have it.
	asksForChat = regexp.MustCompile(`(?i)\bchat[ /]completions\b|\bnot (supported|available|enabled|compatible)\b.*\bresponses\b|\bresponses\b.*\bnot (supported|available|enabled|compatible)\b|requested operation is unsupported`)
	// lacksRoute matches an error of a server that does not have an address. LM Studio
	// sends one with status 200, and gateways of AWS ask for a token.
	lacksRoute = regexp.MustCompile(`(?i)\b(unexpected|unknown|invalid|unsupported|no such) (request )?(endpoint|url|route|path)\b|\b(endpoint|route)\b.{0,60}\bnot (found|exist|supported|implemented)\b|\bcannot post\b|missing authentication token`)
)

// wantsResponses reports whether an error of chat completions asks for the Responses
// API.
func (f *apiError) wantsResponses() bool {
	return (f.status == http.StatusBadRequest || f.status == http.StatusNotFound) && asksForResponses.MatchString(f.message)
}

// lacksResponses reports whether an error of the Responses API means that the service
// or the model does not have it, and not that the model or an item is missing.
func (f *apiError) lacksResponses() bool {
	inWords := (f.param == "" || f.param == "model") && (asksForChat.MatchString(f.message) || lacksRoute.MatchString(f.message))
	switch f.status {
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	case http.StatusNotFound:
		return f.code != "model_not_found" && f.code != "DeploymentNotFound" && !strings.HasPrefix(f.param, "input")
	case http.StatusBadRequest, http.StatusForbidden, http.StatusUnprocessableEntity:
		return f.code == "OperationNotSupported" || inWords
	case 0, http.StatusOK:
		return f.webPage || inWords
	}
	return false
}

// mayReason reports whether the model reasons, as far as the profile tells.
func (p profile) mayReason() bool { return p.reasoning || p.name == compatible.name }
