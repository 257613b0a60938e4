package llm

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Names of refused parameters that stand for more than one field.
const (
	formatParam = "response_format"
	toolsParam  = "tools"
	effortParam = "reasoning_effort"
)

var (
	// refusalWords match messages that refuse a part of a request. Messages about a
	// wrong value of a part that is accepted, such as "must be positive", do not match.
	refusalWords = regexp.MustCompile(`(?i)unsupported|(\b(not|cannot|without)|n['’]t) (be )?(support|permit|allow|accept|recogni|implement|enabl|available|used|valid)|unrecogni[sz]ed|unknown (parameter|field|argument|name|role)|unexpected (parameter|field|keyword|argument)|extra (inputs|fields)|extra_forbidden|only the default|must be verified|\bno endpoints found that support|requires? (the )?-{0,2}(enable|jinja)|does ?n[o']t have`)
	// effortWords match messages about the effort.
	effortWords = regexp.MustCompile(`(?i)effort|reasoning`)
	// valueList matches the beginning of a list of values that are accepted.
	valueList = regexp.MustCompile(`(?i)\b(?:(?:supported|valid|allowed|accepted|permitted|possible|available) (?:values|options|levels|efforts?)|one of|(?:should|must|can only) be|expected)\b`)
	// effortWord matches a value of the effort.
	effortWord = regexp.MustCompile(`\b(none|minimal|low|medium|high|xhigh|max)\b`)
)

// paramWords match the words by which messages name parameters without giving them in
// a field.
var paramWords = map[string]*regexp.Regexp{
	"temperature":       regexp.MustCompile(`(?i)\btemperature\b`),
	"top_p":             regexp.MustCompile(`(?i)\btop_p\b`),
	"presence_penalty":  regexp.MustCompile(`(?i)\bpresence_penalty\b`),
	"frequency_penalty": regexp.MustCompile(`(?i)\bfrequency_penalty\b`),
	effortParam:         regexp.MustCompile(`(?i)\breasoning([_. ]effort)?\b|\beffort\b|\bthinking\b`),
	maxTokens:           regexp.MustCompile(`\bmax_tokens\b`),
	maxCompletionTokens: regexp.MustCompile(`\bmax_completion_tokens\b`),
	"stream":            regexp.MustCompile(`(?i)\bstream(ing)?\b`),
	"stream_options":    regexp.MustCompile(`\bstream_options\b|\binclude_usage\b`),
	formatParam:         regexp.MustCompile(`(?i)\bresponse_format\b|\bjson[_ ]schema\b|\bstructured[ _]outputs?\b|\boutput_config\b|\bguided`),
	toolsParam:          regexp.MustCompile(`(?i)\btools?\b|\btool_choice\b|\bfunction[ _]?call`),
	"role":              regexp.MustCompile(`(?i)\b(developer|system)\b`),
}

// refusedParam returns the parameter that f refuses and that the request can be
// repeated without; "" if there is none. The field param decides; without one, the
// words of the message do.
func (o *outgoing) refusedParam(f *apiError) string {
	switch {
	case o.refusesItems(f):
		return itemsParam
	case o.refusesCitations(f):
		return citationsParam
	}
	coded := f.code == "unsupported_parameter" || f.code == "unsupported_value" || f.code == "unknown_parameter"
	if f.code == "invalid_value" && !coded {
		return ""
	}
	inWords := refusalWords.MatchString(f.kind + " " + f.message)
	switch f.status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
	case http.StatusNotFound, http.StatusInternalServerError, http.StatusNotImplemented:
		if !inWords {
			return ""
		}
	default:
		return ""
	}
	if name := paramName(f.param); slices.Contains(o.omissible(), name) && (coded || inWords || name != o.limit) {
		return o.fact(name)
	}
	if !inWords && !coded {
		return ""
	}
	return o.namedIn(f.message)
}

// paramName returns the parameter that a field belongs to: tools for
// tools[0].function.strict. The instructions are the first message.
func paramName(field string) string {
	root, _, _ := strings.Cut(field, ".")
	root, _, _ = strings.Cut(root, "[")
	switch {
	case field == "messages[0].role":
		return "role"
	case root == "tool_choice":
		return toolsParam
	case root == "reasoning":
		return effortParam
	case root == "messages":
		return ""
	}
	return root
}

// omissible returns the parameters of o that can be left out or given in another way.
// The role of the instructions is "role".
func (o *outgoing) omissible() []string {
	var names []string
	add := func(name string, has bool) {
		if has {
			names = append(names, name)
		}
	}
	for _, name := range droppable {
		add(name, o.hasDroppable(name))
	}
	add(o.limit, !o.lastLimit)
	add("stream", o.stream)
	add("stream_options", o.stream && !o.omitUsage)
	add(formatParam, o.schema != nil)
	add(toolsParam, len(o.tools) > 0)
	add("role", o.role != "" && o.instructions != "")
	return names
}

// namedIn returns the omissible parameter that a message names first; "" if it names
// none.
func (o *outgoing) namedIn(message string) string {
	best, at := "", len(message)
	for _, name := range o.omissible() {
		if m := paramWords[name].FindStringIndex(message); m != nil && m[0] < at {
			best, at = o.fact(name), m[0]
		}
	}
	return best
}

// fact returns what is remembered of an omissible parameter that is refused.
func (o *outgoing) fact(name string) string {
	if name == "role" {
		return "role:" + o.role
	}
	return name
}

// hasDroppable reports whether o has the droppable parameter of that name.
func (o *outgoing) hasDroppable(name string) bool {
	if name == effortParam {
		return o.options.Effort != ""
	}
	return slices.Contains(droppable, name) && slices.ContainsFunc(o.options.settings(), func(s setting) bool { return s.name == name && s.given })
}

// acceptedEfforts returns the efforts that f names in place of that of o, lowest first;
// nil if f is not about the effort or names none.
func (o *outgoing) acceptedEfforts(f *apiError) []string {
	if o.options.Effort == "" || f.status != http.StatusBadRequest && f.status != http.StatusUnprocessableEntity || !effortWords.MatchString(f.param+" "+f.message) {
		return nil
	}
	at := valueList.FindStringIndex(f.message)
	if at == nil {
		return nil
	}
	named := effortWord.FindAllString(f.message[at[1]:], -1)
	accepted := slices.DeleteFunc(slices.Clone(anyEffort), func(e string) bool { return !slices.Contains(named, e) })
	if len(accepted) == 0 || slices.Contains(accepted, o.options.Effort) {
		return nil
	}
	return accepted
}

// nearestEffort returns the accepted effort that is nearest to effort. Of two that are
// as near, it is the higher one, so that a model that should reason does.
func (m refusedParams) nearestEffort(effort string) string {
	want := slices.Index(anyEffort, effort)
	if effort == "" || want < 0 || len(m.efforts) == 0 {
		return effort
	}
	best, distance := effort, len(anyEffort)
	for _, e := range m.efforts {
		i := slices.Index(anyEffort, e)
		if d := max(i-want, want-i); d <= distance {
			best, distance = e, d
		}
	}
	return best
}
