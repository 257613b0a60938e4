package llm

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A profile is what a model takes and gives: one row of the table in
// profiles.go. Nothing else decides what a request may hold.
type profile struct {
	name            string
	aliases         []string // other names of models that the row is for
	context         int      // tokens of prompt and output together; 0 if unknown
	maxInput        int      // tokens of the prompt, where that is limited by itself; else 0
	maxOutput       int      // tokens, reasoning included; 0 if unknown
	reasoning       bool     // it reasons before it writes, out of the same limit
	o200k           bool     // its tokens are those of the o200k vocabulary
	instructionRole string   // role of the operator's instructions; "" means in front of the first user message
	limit           string   // name of the field that limits the output
	sampling        sampling
	efforts         []string // values of the reasoning effort, least first; nil means that it takes none
	tools           bool
	schema          schemaForm
	images          bool
	stream          support
	inlineReasoning bool        // self-hosted, it may write its reasoning into the text
	azure           apiVersions // oldest api-versions
}

// sampling says which of the sampling options a model takes.
type sampling int

const (
	fixed    sampling = iota // none: only the values that they have anyway, which are not sent
	free                     // all
	oneOfTwo                 // temperature or top_p, not both
	ignored                  // none, and the provider drops them: neither do they leave
)

// schemaForm says how a model is given the form of its output.
type schemaForm int

const (
	noSchema   schemaForm = iota
	asFormat              // structured outputs
	asToolCall            // a tool whose arguments have that form, and which it must call
)

// support reports whether a model streams.
type support int

const (
	no support = iota
	try
	yes
)

// A apiVersions holds the oldest api-versions of Azure, as dates; "" means any.
type apiVersions struct {
	model  string // that has the model at all, with its roles and its effort
	schema string // that has structured outputs with it
}

// version is what stands behind the name of a model: a date or a tag.
var version = regexp.MustCompile(`(-\d{4}-\d{2}-\d{2}|[-@]\d{8}|-\d{4}|-latest)?(-v\d+)?(:[\w.-]+)?$`)

// baseName returns the name of a model without case, the provider in front and the
// version behind: o1 for openai/o1-2024-12-17.
func baseName(model string) string {
	name := strings.ToLower(model[strings.LastIndexAny(model, "/")+1:])
	if i := strings.LastIndex(name, "anthropic."); i >= 0 { // as Bedrock names them
		name = name[i+len("anthropic."):]
	}
	return strings.TrimSuffix(name, version.FindString(name))
}

// profileByName returns the row that has the name.
func profileByName(name string) (profile, bool) {
	i := slices.IndexFunc(profiles, func(p profile) bool { return p.name == name || slices.Contains(p.aliases, name) })
	if i < 0 {
		return compatible, name == compatible.name
	}
	return profiles[i], true
}

// chooseProfile returns the profile of a model and why it is that one. A name that the
// user gives wins. The name of a deployment is free, so a part of it may be the
// model's: my-o1-mini is taken for an o1-mini.
func chooseProfile(model, asked string, deployment bool) (profile, string, error) {
	if asked != "" {
		p, ok := profileByName(baseName(asked))
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
	return compatible, fmt.Sprintf("%s is not among the models it knows; --model-profile sets another", model), nil
}

// profileWithin returns the row with the longest name that is a part of name, between
// marks that are no letters or digits.
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

// ProfileNames returns the names that Config.Profile takes, besides the models'
// own.
func ProfileNames() []string {
	names := []string{compatible.name}
	for _, p := range profiles {
		names = append(names, p.name)
	}
	slices.Sort(names)
	return names
}

// KnownProfile returns the name of the profile that a model's name leads to, or
// "" if it is not known.
func KnownProfile(model string) string {
	p, ok := profileByName(baseName(model))
	if !ok {
		return ""
	}
	return p.name
}

// A Profile says what a [Client] takes its model for.
type Profile struct {
	Name    string   // of the row
	Why     string   // why this row was chosen
	Efforts []string // values of --effort, lowest first; nil if none
	Tools   bool     // Request.Tools may be used
	Schema  bool     // Request.Schema may be used
	Images  bool     // Message.Images may be used
}

// Profile returns what c takes its model for, and why.
func (c *Client) Profile() Profile {
	p := c.profile
	return Profile{Name: p.name, Why: c.why, Efforts: slices.Clone(p.efforts), Tools: p.tools, Schema: p.schema != noSchema, Images: p.images}
}

// lowerEffort returns the effort below one, "" meaning the usual one; ok is false if
// there is none.
func (p profile) lowerEffort(effort string) (string, bool) {
	i := slices.Index(p.efforts, cmp.Or(effort, "medium"))
	if i <= 0 {
		return "", false
	}
	return p.efforts[i-1], true
}

// briefEffort returns the effort for what needs little, given the one that is
// configured.
func (p profile) briefEffort(effort string) string {
	low := slices.Index(p.efforts, "low")
	if !p.reasoning || low < 0 || effort != "" && slices.Index(p.efforts, effort) <= low {
		return effort
	}
	return "low"
}
