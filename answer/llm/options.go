package llm

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Options are the sampling and reasoning parameters of a request; nil and empty mean
// the model's default. [New] refuses what the model's profile does not accept. A
// value that the model uses anyway, such as a temperature of 1 for o1, is accepted
// and not sent.
type Options struct {
	Temperature       *float64
	TopP              *float64
	PresencePenalty   *float64
	FrequencyPenalty  *float64
	Effort            string // of reasoning: one of Profile.Efforts
	Stop              []string
	N                 *int // 1, since a [Response] is one answer
	LogProbs          *bool
	TopLogProbs       *int
	LogitBias         map[string]int64 // by token
	ParallelToolCalls *bool
}

// A setting is one of the options with its name in the API.
type setting struct {
	name     string
	given    bool
	value    float64 // of a boolean 0 or 1; of a list its length
	standard float64 // the value of models that accept no other
	min, max float64
	messages bool           // the Messages API has it, too
	unset    func(*Options) // removes it
}

// settings returns all options except the effort, in the order of their errors.
func (o Options) settings() []setting {
	number := func(name string, v *float64, standard, min, max float64, messages bool, unset func(*Options)) setting {
		return setting{name, v != nil, value(v), standard, min, max, messages, unset}
	}
	return []setting{
		number("temperature", o.Temperature, 1, 0, 2, true, func(o *Options) { o.Temperature = nil }),
		number("top_p", o.TopP, 1, 0, 1, true, func(o *Options) { o.TopP = nil }),
		number("presence_penalty", o.PresencePenalty, 0, -2, 2, false, func(o *Options) { o.PresencePenalty = nil }),
		number("frequency_penalty", o.FrequencyPenalty, 0, -2, 2, false, func(o *Options) { o.FrequencyPenalty = nil }),
		{"stop", o.Stop != nil, float64(len(o.Stop)), 0, 0, 4, true, func(o *Options) { o.Stop = nil }},
		{"n", o.N != nil, float64(value(o.N)), 1, 1, 1, false, func(o *Options) { o.N = nil }},
		{"logprobs", o.LogProbs != nil, boolValue(value(o.LogProbs)), 0, 0, 1, false, func(o *Options) { o.LogProbs = nil }},
		{"top_logprobs", o.TopLogProbs != nil, float64(value(o.TopLogProbs)), 0, 0, 20, false, func(o *Options) { o.TopLogProbs = nil }},
		{"logit_bias", o.LogitBias != nil, float64(len(o.LogitBias)), 0, 0, math.MaxInt16, false, func(o *Options) { o.LogitBias = nil }},
		{"parallel_tool_calls", o.ParallelToolCalls != nil, boolValue(value(o.ParallelToolCalls)), 1, 0, 1, true, func(o *Options) { o.ParallelToolCalls = nil }},
	}
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func boolValue(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// acceptedOptions validates the options against the model's profile and the
// protocol, and returns the options to send.
func (p profile) acceptedOptions(o Options, messages bool) (Options, error) {
	var unsent []string
	for _, opt := range o.settings() {
		switch {
		case !opt.given:
			continue
		case opt.min == opt.max && opt.value != opt.standard:
			return o, fmt.Errorf("%w: %s can only be %v; leave it out", ErrConfig, opt.name, opt.standard)
		case math.IsNaN(opt.value) || opt.value < opt.min || opt.value > opt.max:
			return o, fmt.Errorf("%w: %s is not within %v–%v", ErrConfig, opt.name, opt.min, opt.max)
		case opt.min == opt.max, p.sampling == ignored && opt.isSampling(),
			opt.value == opt.standard && (p.sampling == fixed || p.sampling == ignored || messages && !opt.messages):
			unsent = append(unsent, opt.name)
		case messages && !opt.messages:
			return o, fmt.Errorf("%w: the Messages API has no %s; leave it out", ErrConfig, opt.name)
		case p.sampling == fixed || p.sampling == ignored:
			return o, fmt.Errorf("%w: profile %s does not accept %s%s; leave it out", ErrConfig, p.name, opt.name, opt.standardNote())
		case opt.name == "parallel_tool_calls" && !p.tools:
			return o, fmt.Errorf("%w: profile %s has no tools; leave %s out", ErrConfig, p.name, opt.name)
		}
	}
	o = o.without(unsent)
	switch {
	case o.Effort != "" && !slices.Contains(p.efforts, o.Effort):
		return o, fmt.Errorf("%w: profile %s does not accept the reasoning_effort %q%s", ErrConfig, p.name, o.Effort, choices(p.efforts))
	case p.sampling == oneOfTwo && o.Temperature != nil && o.TopP != nil:
		return o, fmt.Errorf("%w: profile %s accepts temperature or top_p, not both", ErrConfig, p.name)
	case messages && o.Temperature != nil && *o.Temperature > 1:
		return o, fmt.Errorf("%w: temperature is not within 0–1 in the Messages API", ErrConfig)
	case o.TopLogProbs != nil && o.LogProbs == nil:
		return o, fmt.Errorf("%w: top_logprobs needs logprobs", ErrConfig)
	}
	return o, nil
}

// isSampling reports whether o is a sampling parameter, which some providers ignore.
func (o setting) isSampling() bool {
	return slices.Contains([]string{"temperature", "top_p", "presence_penalty", "frequency_penalty"}, o.name)
}

// standardNote returns a note with the standard value of a sampling parameter.
func (o setting) standardNote() string {
	if !o.isSampling() {
		return ""
	}
	return fmt.Sprintf(" (it is always %v)", o.standard)
}

func choices(values []string) string {
	if len(values) == 0 {
		return "; leave --effort out"
	}
	return "; choose " + strings.Join(values, ", ")
}

// without returns the options except those with the given API names.
func (o Options) without(names []string) Options {
	for _, s := range o.settings() {
		if slices.Contains(names, s.name) {
			s.unset(&o)
		}
	}
	if slices.Contains(names, "reasoning_effort") {
		o.Effort = ""
	}
	return o
}
