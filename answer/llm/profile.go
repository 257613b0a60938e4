package llm

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A profile describes what a model accepts: one row of the table in profiles.go.
// Nothing else decides what a request may hold.
type profile struct {
	name            string
	aliases         []string   // other models that the row is for
	context         int        // tokens of prompt and output together; 0 if unknown
	maxInput        int        // tokens of the prompt if they have a limit of their own; else 0
	maxOutput       int        // tokens, reasoning included; 0 if unknown
	reasoning       bool       // it reasons before it writes; both count towards maxOutput
	o200k           bool       // its vocabulary is o200k
	instructionRole string     // role of the operator's instructions; "" means before the first user message
	api             apiSupport // of OpenAI's APIs
	limit           string     // name of the field that limits the output
	sampling        sampling
	efforts         []string // values of the reasoning effort, lowest first; nil means none
	tools           bool
	schema          schemaForm
	images          bool
	citations       bool // Anthropic's API cites documents by itself
	stream          support
	inlineReasoning bool        // if self-hosted, it may write its reasoning into the text
	azure           apiVersions // oldest api-versions
}

// sampling tells which sampling options a model accepts.
type sampling int

const (
	fixed    sampling = iota // none: only the standard values, which are not sent
	free                     // all
	oneOfTwo                 // temperature or top_p, not both
	ignored                  // the provider ignores them, so they are not sent
)

// schemaForm tells how a model is given the schema of its output.
type schemaForm int

const (
	noSchema   schemaForm = iota
	asFormat              // structured outputs
	asToolCall            // a tool whose arguments have the schema and which the model must call
)

// support tells whether a model streams.
type support int

const (
	no support = iota
	try
	yes
)

// apiVersions holds the oldest api-versions of Azure, as dates; "" means any.
type apiVersions struct {
	model  string // with the model, its roles and its efforts
	schema string // with structured outputs of the model
}

// version matches what follows the name of a model: a date, a version of Bedrock or a
// tag. deepseek-v4 has none of these.
var version = regexp.MustCompile(`(?:(?:-\d{4}-\d{2}-\d{2}|-\d{8}|-\d{4}|-latest)(?:-v\d+)?(?::\d+)?|-v?\d:\d+)?(?::[\w.-]+)?$`)

// vendor matches what precedes the name of a model at Bedrock: a region and a vendor.
var vendor = regexp.MustCompile(`^(?:[a-z]{2,6}\.)?(?:anthropic|openai|qwen|deepseek|meta|mistral|amazon)\.`)

// baseName returns the name of a model in lower case, without provider and version:
// o1 for openai/o1-2024-12-17.
func baseName(model string) string {
	name := strings.ToLower(model[strings.LastIndexAny(model, "/")+1:])
	name, _, _ = strings.Cut(name, "@") // the versions of Vertex
	if v := vendor.FindString(name); strings.HasSuffix(v, "deepseek.") {
		name = "deepseek-" + name[len(v):]
	} else {
		name = name[len(v):]
	}
	return strings.TrimSuffix(name, version.FindString(name))
}

// profileByName returns the row with that name or alias.
func profileByName(name string) (profile, bool) {
	i := slices.IndexFunc(profiles, func(p profile) bool { return p.name == name || slices.Contains(p.aliases, name) })
	if i < 0 {
		return compatible, name == compatible.name
	}
	return profiles[i], true
}

// chooseProfile returns the profile of a model and the reason for the choice. A
// profile that the user names has priority. A deployment may have any name, so the
// model's name may be a part of it: my-o1-mini is treated as o1-mini.
func chooseProfile(model, asked string, deployment bool) (profile, string, error) {
	if asked != "" {
		p, ok := profileByName(baseName(asked))
		if !ok {
			p, ok = profileByFamily(baseName(asked), false)
		}
		if !ok {
			return p, "", fmt.Errorf("%w: --model-profile %q is unknown: choose %s", ErrConfig, asked, strings.Join(ProfileNames(), ", "))
		}
		return p, "set by --model-profile", nil
	}
	if p, ok := profileByName(baseName(model)); ok {
		return p, fmt.Sprintf("by the model's name, %s", model), nil
	}
	if p, ok := profileWithin(baseName(model)); ok && deployment {
		return p, fmt.Sprintf("guessed from the deployment's name, %s; --model-profile sets another", model), nil
	}
	if p, ok := profileByFamily(baseName(model), deployment); ok {
		return p, fmt.Sprintf("by its family, since %s is not in the table of models; --model-profile sets another", model), nil
	}
	return compatible, fmt.Sprintf("%s is of no family of models that it knows; --model-profile sets another", model), nil
}

// profileWithin returns the row with the longest name that is a part of name, bounded
// by characters that are not letters or digits.
func profileWithin(name string) (profile, bool) {
	var best profile
	length := 0
	for _, p := range profiles {
		for _, n := range append([]string{p.name}, p.aliases...) {
			found := regexp.MustCompile(`(^|[^a-z0-9])` + regexp.QuoteMeta(n) + `($|[^a-z0-9.])`).MatchString(name)
			if found && len(n) > length {
				best, length = p, len(n)
			}
		}
	}
	return best, length > 0
}

// ProfileNames returns the names of the profiles. Config.Profile accepts them and the
// names of models.
func ProfileNames() []string {
	names := []string{compatible.name}
	for _, p := range profiles {
		names = append(names, p.name)
	}
	slices.Sort(names)
	return names
}

// KnownProfile returns the name of the profile for a model's name, or "" if the model
// is unknown.
func KnownProfile(model string) string {
	p, ok := profileByName(baseName(model))
	if !ok {
		return ""
	}
	return p.name
}

// A Profile describes what a [Client] assumes of its model.
type Profile struct {
	Name    string   // of the row
	Why     string   // why this row was chosen
	Efforts []string // values of --effort, lowest first; nil if none
	Tools   bool     // Request.Tools may be used
	Schema  bool     // Request.Schema may be used
	Images  bool     // Message.Images may be used
	Unknown bool     // the model's name is of no known family, and no profile was set
}

// Profile returns what c assumes of its model, and why.
func (c *Client) Profile() Profile {
	p := c.profile
	return Profile{Name: p.name, Why: c.why, Efforts: slices.Clone(p.efforts), Tools: p.tools, Schema: p.schema != noSchema, Images: p.images, Unknown: c.unknown}
}

// lowerEffort returns the next lower effort; "" means the default effort. ok is false
// if there is none.
func (p profile) lowerEffort(effort string) (string, bool) {
	i := slices.Index(p.efforts, cmp.Or(effort, "medium"))
	if i <= 0 {
		return "", false
	}
	return p.efforts[i-1], true
}

// briefEffort returns the effort for a brief request: low, or the configured effort
// if that is lower.
func (p profile) briefEffort(effort string) string {
	low := slices.Index(p.efforts, "low")
	if !p.reasoning || low < 0 || effort != "" && slices.Index(p.efforts, effort) <= low {
		return effort
	}
	return "low"
}
