package llm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
)

// A reason is an error with a line that says what is wrong and how to fix it. The line
// omits the provider's own message, which may repeat a part of the key or prompt.
type reason struct {
	kind error // [ErrConfig] and the like; nil if a later attempt may succeed
	text string
}

func (r *reason) Error() string {
	if r.kind == nil {
		return r.text
	}
	return r.kind.Error() + ": " + r.text
}

func (r *reason) Unwrap() error { return r.kind }

// because returns an error of a kind with its line.
func because(kind error, format string, args ...any) error {
	return &reason{kind, fmt.Sprintf(format, args...)}
}

// explain returns err as one line that says what is wrong and how to fix it.
func (c *Client) explain(err error) error {
	if f, ok := errors.AsType[*apiError](err); ok {
		return c.explainAPIError(f)
	}
	if r, ok := errors.AsType[*reason](err); ok {
		return r
	}
	from := c.addressSetting()
	switch {
	case errors.Is(err, errEndless):
		return because(ErrNoText, "%s sends more than it was asked for, without an answer", c.host)
	case isTokenError(err):
		return because(ErrConfig, "no token of Entra ID; set AZURE_OPENAI_API_KEY, or sign in with az login")
	case errors.Is(err, context.DeadlineExceeded):
		return because(context.DeadlineExceeded, "no answer within %s", c.timeout)
	case errors.Is(err, errNoChoices):
		return because(ErrNoText, "the reply of %s has no choices", c.host)
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // without the URL
	} else if !isConnectionError(err) {
		return because(ErrConfig, "the response of %s is not a chat completion; check %s", c.host, from)
	}
	return fmt.Errorf("reach %s: %w; check the network and %s", c.host, err, from)
}

// addressSetting returns the setting that holds the service's address.
func (c *Client) addressSetting() string { return cmp.Or(c.provider.URLVar, "--provider") }

// explainAPIError explains an error response: by its words and codes, else by its
// status.
func (c *Client) explainAPIError(f *apiError) error {
	if c.provider.Name == azureName {
		if err := c.explainAzure(f); err != nil {
			return err
		}
	}
	if err := c.explainCode(f); err != nil {
		return err
	}
	return c.explainStatus(f)
}

var (
	// regionWords match refusals that depend on where the client or the model is.
	regionWords = regexp.MustCompile(`(?i)unsupported_country|country, region, or territory|user location is not supported|not (available|supported) in (your|this|the) (country|region|location)|\bregion\b.{0,40}\bnot (supported|available)`)
	// ollamaPull matches Ollama's error for a model that is not on the machine.
	ollamaPull = regexp.MustCompile(`(?i)try pulling it first|model .* not found, try`)
	// modelGone matches errors for models that are retired or unknown.
	modelGone = regexp.MustCompile(`(?i)\bmodels?\b.{0,80}\b(does(n't| not) exist|not (exist|found)|is not (available|found)|is not supported by any|(has been|was|is) (deprecated|decommissioned|retired|removed|shut ?down|discontinued)|is no longer (available|supported)|end of its life|identifier is invalid)|no such model|unknown model|invalid model|not a valid model|not found the model|(access to|unable to access)( \S+)? model|supported API model names|no endpoints found for|模型不存在`)
	// keyWords match errors for keys that are wrong, of services that use another status
	// than 401 for them.
	keyWords = regexp.MustCompile(`(?i)\bapi[- _]?(key|token)s?\b.{0,30}\b(not valid|invalid|incorrect|expired|revoked|missing)|\b(not a valid|invalid|incorrect|wrong|expired|missing|no) (x-)?api[- _]?(key|token)|(invalid|multiple) (authentication )?credentials|(authentication|authorization) (fails|failed)`)
	// dataPolicy matches OpenRouter's error for an account whose privacy settings
	// exclude all providers of a model.
	dataPolicy = regexp.MustCompile(`(?i)data policy|guardrail restrictions`)
)

// explainCode explains what the error's words and codes tell; nil if they tell nothing.
func (c *Client) explainCode(f *apiError) error {
	key := cmp.Or(c.provider.KeyVar, "its settings")
	switch {
	case f.isTooLong():
		return because(ErrTooLong, "the service counts more tokens than it accepts")
	case f.code == "content_filter":
		return because(ErrNoText, "the provider's content filter blocked the prompt")
	case f.webPage && f.isNoAPI():
		return because(ErrConfig, "%s serves a web page, not the API of a model; check %s, which most services want to end in /v1", c.host, c.addressSetting())
	case regionWords.MatchString(f.code + " " + f.message):
		return because(ErrConfig, "%s does not serve this region; choose a service or a model of your region with --provider, %s or --model", c.host, c.addressSetting())
	case f.isQuota():
		return because(ErrConfig, "the quota or credit at %s is used up%s; check its plan and billing", c.host, f.statusNote())
	case f.asksForLess():
		return because(nil, "the tokens of the request exceed what %s allows this account%s; lower --max-output", c.host, f.statusNote())
	case ollamaPull.MatchString(f.message) && c.provider.Name == "ollama":
		return because(ErrConfig, "Ollama does not have the model; run: ollama pull %s, or choose another with --model", c.model)
	case dataPolicy.MatchString(f.message):
		return because(ErrConfig, "the privacy settings of the account at %s exclude this model; change them, or choose another with --model", c.host)
	case f.code == "DeploymentNotFound":
		return because(ErrConfig, "%s has no such deployment; give its name with --model", c.host)
	case f.wantsResponses():
		return because(ErrConfig, "%s offers this model by the Responses API only%s; leave --api out, or check %s", c.host, f.statusNote(), c.addressSetting())
	case f.status < 500 && f.status != http.StatusUnauthorized && f.lacksModel():
		return because(errNoSuchModel, "%s has no such model for this key; choose another with --model", c.host)
	case f.code == "invalid_api_key", f.kind == "authentication_error", f.status >= 400 && f.status <= 403 && keyWords.MatchString(f.message):
		return because(ErrConfig, "%s refuses the key%s; set %s to a valid one", c.host, f.statusNote(), key)
	}
	return nil
}

// lacksModel reports whether the service does not have the model, or has it no longer.
func (f *apiError) lacksModel() bool {
	switch f.code {
	case "model_not_found", "model_decommissioned", "model_deprecated", "model_not_available":
		return true
	}
	switch f.status {
	case http.StatusGone:
		return true
	case http.StatusBadRequest, http.StatusNotFound, http.StatusForbidden, http.StatusUnprocessableEntity:
		return modelGone.MatchString(f.message)
	}
	return false
}

// isNoAPI reports whether a web page with the status means that the address is not that of
// an API. Gateways in front of one use pages for the other statuses.
func (f *apiError) isNoAPI() bool {
	switch f.status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests:
		return false
	}
	return f.status < 500
}

// explainStatus explains what the status tells.
func (c *Client) explainStatus(f *apiError) error {
	key, from := cmp.Or(c.provider.KeyVar, "its settings"), c.addressSetting()
	switch {
	case f.status == 0:
		return because(nil, "%s failed while it answered%s; try again later", c.host, label(": ", f.kind))
	case f.status == http.StatusUnauthorized:
		return because(ErrConfig, "%s refuses the key (401); set %s to a valid one", c.host, key)
	case f.status == http.StatusForbidden:
		return because(ErrConfig, "the key in %s may not use this model at %s (403); choose another with --model", key, c.host)
	case f.status == http.StatusNotFound || f.status == http.StatusMethodNotAllowed:
		return because(errNoSuchModel, "%s has no such model or path (%d); check --model and %s", c.host, f.status, from)
	case f.status == http.StatusTooManyRequests:
		return because(nil, "the rate limit of %s is reached (429); try again later", c.host)
	case f.isTransient():
		return because(nil, "%s failed (%d); try again later", c.host, f.status)
	}
	return because(ErrConfig, "%s refuses the request (%d%s%s); check --model, --model-profile and --max-output", c.host, f.status,
		label(", ", f.code), label(", parameter ", f.param))
}

// statusNote returns the status in parentheses, or "" if there is none.
func (f *apiError) statusNote() string {
	if f.status == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d)", f.status)
}

// What Azure's errors say in words (Azure OpenAI, November 2026).
var (
	azureVersion = regexp.MustCompile(`(?i)\bapi[- ]?versions?\b`)
	azureDate    = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}(-preview)?\b`)
	azureRole    = regexp.MustCompile(`(?i)\b(lacks the required data action|principal does not have access|not authorized to perform)`)
	azureNoKeys  = regexp.MustCompile(`(?i)key[- ]based authentication is disabled|AuthenticationTypeDisabled`)
	azureNetwork = regexp.MustCompile(`(?i)virtual network|firewall|public (network )?access is disabled|private endpoint`)
	azureRegion  = regexp.MustCompile(`(?i)wrong API endpoint|correct regional API endpoint`)
)

// explainAzure explains errors that name a setting of Azure; nil if f is none of them.
func (c *Client) explainAzure(f *apiError) error {
	text := f.code + " " + f.message
	switch {
	case f.status >= 500 || f.status == 0:
	case azureVersion.MatchString(f.message):
		wanted := "a later version"
		if d := azureDate.FindString(f.message); d != "" && d != c.apiVersion {
			wanted = d + " or later"
		}
		return because(ErrConfig, "%s does not accept this request with --api-version %s; set --api-version to %s", c.host, c.apiVersion, wanted)
	case azureNoKeys.MatchString(text):
		return because(ErrConfig, "%s accepts no keys%s; unset AZURE_OPENAI_API_KEY and sign in with Entra ID (az login)", c.host, f.statusNote())
	case azureRole.MatchString(text):
		return because(ErrConfig, "the account of Entra ID may not use %s%s; give it the role Cognitive Services OpenAI User", c.host, f.statusNote())
	case azureNetwork.MatchString(text):
		return because(ErrConfig, "the network settings of %s refuse this machine%s; allow its address or use the private endpoint", c.host, f.statusNote())
	case azureRegion.MatchString(text):
		return because(ErrConfig, "%s refuses the key%s; AZURE_OPENAI_API_KEY and AZURE_OPENAI_ENDPOINT must be of the same resource and region", c.host, f.statusNote())
	case f.status == http.StatusNotFound && f.code != "DeploymentNotFound" && !f.lacksModel():
		return because(ErrConfig, "%s has no such deployment or path (404); check --model, AZURE_OPENAI_ENDPOINT and --api-version", c.host)
	}
	return nil
}
