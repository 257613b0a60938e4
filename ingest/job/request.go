package job

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/citewell/citewell/ingest"
	"github.com/citewell/citewell/ingest/crawl"
	"github.com/citewell/citewell/internal/problem"
)

// Limits of a request, so that it can be stored and shown.
const (
	maxTargets      = 100
	maxGlobs        = 100
	maxAddressBytes = 2048
)

// ErrRequest means that a job can't be started as it was asked for.
var ErrRequest error = problem.BadIngestion

// A Request says what to ingest: either targets and how to crawl them, or a
// source that the configuration lists. It is the body of POST /v1/ingest, and its
// JSON form is stored with the job.
type Request struct {
	Targets       []string `json:"targets,omitempty"`    // http and https addresses, never files
	Configured    string   `json:"configured,omitempty"` // name of a [Source]; of the other fields only Rebuild and PruneAll may be set
	crawl.Options          // but for those of [crawl.Options.OperatorOnly]
	Rebuild       bool     `json:"rebuild,omitempty"`   // rebuild the index, of these targets alone
	PruneAll      bool     `json:"prune_all,omitempty"` // remove missing pages regardless of their number
}

// A Crawl is what an Ingester needs to know of a request. If the request names a
// configured source, the targets and options are those of the source.
type Crawl struct {
	Request
	Progress func(ingest.Progress) // for ingest.Config.Progress
}

// Validate returns an [ErrRequest] if the request could not be run, or must not
// be. It does not check whether the source that it names is configured.
func (q Request) Validate() error {
	err := q.validateTargets()
	if q.Configured != "" {
		err = q.validateConfigured()
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRequest, err)
	}
	return nil
}

func (q Request) validateConfigured() error {
	q.Rebuild, q.PruneAll = false, false
	rest, err := json.Marshal(q)
	alone, errAlone := json.Marshal(Request{Configured: q.Configured})
	if err != nil || errAlone != nil || string(rest) != string(alone) {
		return fmt.Errorf("the source %q has its own settings: leave all others out", q.Configured)
	}
	return nil
}

func (q Request) validateTargets() error {
	switch n := len(q.Targets); {
	case n == 0:
		return errors.New("no target is named, and no configured source")
	case n > maxTargets:
		return fmt.Errorf("%d targets are more than %d", n, maxTargets)
	}
	for i, t := range q.Targets {
		if err := validateAddress(t); err != nil {
			return fmt.Errorf("target %d %w", i+1, err)
		}
	}
	if names := q.OperatorOnly(); len(names) > 0 {
		return fmt.Errorf("only the operator of the server may set %s: list the site as a source in the configuration file, and name it as \"configured\"",
			strings.Join(names, ", "))
	}
	return validateOptions(q.Options)
}

// validateAddress returns an error unless a server may fetch target for others.
func validateAddress(target string) error {
	if len(target) > maxAddressBytes {
		return fmt.Errorf("is longer than %d characters", maxAddressBytes)
	}
	u, err := url.Parse(target)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "":
		return errors.New("is not an http or https address; files are ingested on the command line")
	case u.User != nil:
		return errors.New("holds a user name: send it as a header of a configured source")
	}
	return nil
}

// validateOptions returns an error if the options are invalid or too many.
func validateOptions(o crawl.Options) error {
	if n := len(o.Include) + len(o.Exclude); n > maxGlobs {
		return fmt.Errorf("include and exclude hold %d globs, more than %d", n, maxGlobs)
	}
	return o.Validate()
}

// crawl validates a request and returns its crawl.
func (r *Runner) crawl(q Request) (Crawl, error) {
	if err := q.Validate(); err != nil || q.Configured == "" {
		return Crawl{Request: q}, err
	}
	i := slices.IndexFunc(r.config.Sources, func(s Source) bool { return s.Name == q.Configured })
	if i < 0 {
		return Crawl{}, fmt.Errorf("%w: no source named %q is configured: %s", ErrRequest, q.Configured, r.sourceNames())
	}
	s := r.config.Sources[i]
	q.Targets, q.Options = []string{s.Start}, s.Options
	return Crawl{Request: q}, nil
}

// sourceNames lists the configured sources for an error.
func (r *Runner) sourceNames() string {
	if len(r.config.Sources) == 0 {
		return "there is none: list some in the configuration file"
	}
	var names []string
	for _, s := range r.config.Sources {
		names = append(names, s.Name)
	}
	return "there is " + strings.Join(names, ", ")
}
