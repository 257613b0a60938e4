package job

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/net/http/httpguts"

	"github.com/citewell/citewell/ingest/crawl"
)

// A Source is a site that the configuration file lists. A file looks like this;
// name and start are required:
//
//	sources:
//	  - name: manual                        # of letters, digits, - and _
//	    start: https://docs.example.com/
//	    source: docs                        # that pages are filed under; default: the host
//	    include: ["/guide/**"]
//	    exclude: ["**/old/**"]
//	    selector: main article
//	    max_pages: 5000
//	    max_depth: 3                        # links from the start; 0 takes the start alone
//	    rate: 5                             # requests a second
//	    headers: {Authorization: "Bearer ${DOCS_TOKEN}"}   # from the environment
//	    canonical_base: https://docs.example.com/
//	    ignore_robots: true                 # for sites that you own
//	    allow_private: true                 # addresses of private networks
type Source struct {
	Name          string `yaml:"name"`
	Start         string `yaml:"start"`
	crawl.Options `yaml:",inline"`
}

// goodName matches the names of sources: they appear in addresses and logs.
var goodName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// validate returns an error if the source can't be ingested.
func (s Source) validate() error {
	switch {
	case !goodName.MatchString(s.Name):
		return errors.New("its name must be of 1 to 64 letters, digits, - and _")
	case s.Start == "":
		return errors.New("start is missing: the address to begin at")
	}
	if err := validateAddress(s.Start); err != nil {
		return fmt.Errorf("start %w", err)
	}
	return validateOptions(s.Options)
}

// configFile is the content of a configuration file.
type configFile struct {
	Sources  []Source  `yaml:"sources"`
	Page     yaml.Node `yaml:"page"`     // the look of the page, which the server reads
	Settings yaml.Node `yaml:"settings"` // flags and variables, which the command reads
}

// LoadSources reads the sources of a configuration file; see [Source]. The error of
// an invalid setting names its line. ${NAME} in the value of a header is replaced
// by getenv("NAME").
func LoadSources(file string, getenv func(string) string) ([]Source, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("job: read the configuration: %w", err)
	}
	sources, err := parseSources(b, getenv)
	if err != nil {
		return nil, fmt.Errorf("job: %s: %w", file, err)
	}
	return sources, nil
}

func parseSources(b []byte, getenv func(string) string) ([]Source, error) {
	var c configFile
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	if err := dec.Decode(&c); err != nil && !errors.Is(err, io.EOF) {
		return nil, userError(err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("it holds more than one document: remove the lines with ---")
	}
	lines := sourceLines(b)
	seen := map[string]bool{}
	for i, s := range c.Sources {
		err := s.validate()
		if err == nil && seen[s.Name] {
			err = fmt.Errorf("there is a source named %s above", s.Name)
		}
		if err == nil {
			err = expand(s.Headers, getenv)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", lines[i], err)
		}
		seen[s.Name] = true
	}
	return c.Sources, nil
}

// sourceLines returns the line at which each source of a valid file begins.
func sourceLines(b []byte) (lines []int) {
	var f struct {
		Sources []yaml.Node `yaml:"sources"`
	}
	if err := yaml.Unmarshal(b, &f); err != nil {
		// Unreachable: the same bytes were decoded before.
		return nil
	}
	for _, n := range f.Sources {
		lines = append(lines, n.Line)
	}
	return lines
}

// variable matches ${NAME}.
var variable = regexp.MustCompile(`\$\{[^}]*\}`)

// expand replaces the variables in the values of headers.
func expand(headers map[string]string, getenv func(string) string) error {
	for name, value := range headers {
		var missing string
		headers[name] = variable.ReplaceAllStringFunc(value, func(v string) string {
			v = v[2 : len(v)-1]
			got := getenv(v)
			if got == "" {
				missing = v
			}
			return got
		})
		if missing != "" {
			return fmt.Errorf("the header %s needs the environment variable %s, which is not set", name, missing)
		}
		if !httpguts.ValidHeaderFieldValue(headers[name]) {
			return fmt.Errorf("the header %s has a value that HTTP can't send after its variables are replaced", name)
		}
	}
	return nil
}

// unknown matches the YAML library's error for an unknown key.
var unknown = regexp.MustCompile(`(?s)^line (\d+): field (.*) not found in type job\.(\w+)$`)

// wrongType matches the YAML library's error for a value of another type. The value may
// have several lines.
var wrongType = regexp.MustCompile(`(?s)^line (\d+): cannot unmarshal .* into (\S+)$`)

// kindOf describes a Go type for people.
func kindOf(goType string) string {
	switch strings.TrimLeft(goType, "*") {
	case "string":
		return "text"
	case "bool":
		return "true or false"
	case "int", "uint":
		return "a whole number"
	case "float64":
		return "a number"
	case "[]string":
		return "a list of texts"
	case "[]job.Source":
		return "a list of sources"
	}
	return "a group of settings, each with a name and a value"
}

// userError returns the first error of a file, without Go types.
func userError(err error) error {
	var t *yaml.TypeError
	if !errors.As(err, &t) || len(t.Errors) == 0 {
		return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if m := wrongType.FindStringSubmatch(t.Errors[0]); m != nil {
		return fmt.Errorf("line %s: a value is not %s", m[1], kindOf(m[2]))
	}
	m := unknown.FindStringSubmatch(t.Errors[0])
	switch {
	case m == nil:
		return errors.New(t.Errors[0])
	case m[3] == "configFile":
		return fmt.Errorf("line %s: there is no setting %q: the file holds sources and page", m[1], m[2])
	}
	return fmt.Errorf("line %s: a source has no setting %q: it has name, start, source, selector, include, exclude, max_pages, max_depth, rate, canonical_base, prefer_markdown, headers, ignore_robots and allow_private", m[1], m[2])
}
