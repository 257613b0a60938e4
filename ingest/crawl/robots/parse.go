package robots

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"
)

// maxCrawlDelay is the longest Crawl-delay; a longer one is cut.
const maxCrawlDelay = 24 * time.Hour

// Parse reads the first [MaxBytes] of a robots.txt. It skips lines that it does not
// understand.
func Parse(body []byte) *Rules {
	p := parser{robots: &Rules{}, groups: make(map[string]*group)}
	if len(body) > MaxBytes {
		// The rest of a cut line could mean something else.
		body = body[:bytes.LastIndexAny(body[:MaxBytes], "\r\n")+1]
	}
	for _, b := range []byte("\xef\xbb\xbf") {
		// Google also skips an incomplete byte order mark.
		if len(body) > 0 && body[0] == b {
			body = body[1:]
		} else {
			break
		}
	}
	for line := 1; len(body) > 0; line++ {
		var text []byte
		text, body = cutLine(body)
		if key, value, ok := splitLine(text[:min(len(text), maxLineBytes)]); ok {
			p.take(line, key, value)
		}
	}
	return p.robots
}

// cutLine returns the first line, which ends with CR, LF or both, and the rest.
func cutLine(body []byte) (line, rest []byte) {
	i := bytes.IndexAny(body, "\r\n")
	if i < 0 {
		return body, nil
	}
	line, rest = body[:i], body[i+1:]
	if body[i] == '\r' && len(rest) > 0 && rest[0] == '\n' {
		rest = rest[1:]
	}
	return line, rest
}

// splitLine returns the name and the value of a line. Without a colon, a line of two
// words is a name and a value.
func splitLine(line []byte) (key, value string, ok bool) {
	text, _, _ := strings.Cut(string(line), "#")
	text = strings.TrimSpace(text)
	key, value, ok = strings.Cut(text, ":")
	if !ok {
		words := strings.Fields(text)
		if len(words) != 2 {
			return "", "", false
		}
		key, value = words[0], words[1]
	}
	key = strings.ToLower(strings.TrimSpace(key))
	return key, strings.TrimSpace(value), key != ""
}

// A parser reads lines.
type parser struct {
	robots  *Rules
	groups  map[string]*group // by agent
	current []*group          // groups that the next rules belong to
	ruled   bool              // a rule has ended the list of agents
}

// fields are the prefixes of the names of lines, including the misspellings that
// Google accepts.
var fields = []struct {
	name   string
	fields []string
}{
	{"user-agent", []string{"user-agent", "useragent", "user agent"}},
	{"allow", []string{"allow"}},
	{"disallow", []string{"disallow", "dissallow", "dissalow", "disalow", "diaslow", "diasllow", "disallaw"}},
	{"sitemap", []string{"sitemap", "site-map"}},
	{"crawl-delay", []string{"crawl-delay", "crawldelay", "crawl delay"}},
}

func (p *parser) take(line int, key, value string) {
	switch fieldOf(key) {
	case "user-agent":
		p.agent(value)
	case "allow":
		p.rule(line, true, value)
	case "disallow":
		p.rule(line, false, value)
	case "sitemap":
		if value != "" {
			p.robots.sitemaps = append(p.robots.sitemaps, value)
		}
	case "crawl-delay":
		if d, ok := parseDelay(value); ok {
			for _, g := range p.current {
				g.delay = max(g.delay, d)
			}
		}
	}
}

func fieldOf(key string) string {
	for _, f := range fields {
		for _, field := range f.fields {
			if strings.HasPrefix(key, field) {
				return f.name
			}
		}
	}
	return ""
}

// agent begins a group, or adds an agent to the one that has no rules yet.
func (p *parser) agent(value string) {
	if p.ruled {
		p.current, p.ruled = nil, false
	}
	name := agentName(value)
	g := p.groups[name]
	if g == nil {
		g = &group{agent: name}
		p.groups[name] = g
		p.robots.groups = append(p.robots.groups, g)
	}
	p.current = append(p.current, g)
}

// agentName returns the product token at the beginning of a user agent, in
// lower case; "*" for all.
func agentName(value string) string {
	if value == "*" || strings.HasPrefix(value, "* ") || strings.HasPrefix(value, "*\t") {
		return "*"
	}
	for i := range len(value) {
		if c := value[i] | 0x20; (c < 'a' || c > 'z') && value[i] != '-' && value[i] != '_' {
			value = value[:i]
			break
		}
	}
	return strings.ToLower(value)
}

// rule adds a rule to the current groups. An empty one matches nothing.
func (p *parser) rule(line int, allow bool, value string) {
	p.ruled = len(p.current) > 0
	if value == "" {
		return
	}
	patterns := []string{normalPattern(value)}
	// Google's crawler applies a rule for index.html to the folder.
	if i := strings.LastIndexByte(value, '/'); i >= 0 && strings.HasPrefix(value[i:], "/index.htm") {
		patterns = append(patterns, patterns[0][:strings.LastIndexByte(patterns[0], '/')+1]+"$")
	}
	for _, pattern := range patterns {
		for _, g := range p.current {
			g.rules = append(g.rules, rule{allow: allow, pattern: pattern, query: unescapeQuery(pattern), line: line})
		}
	}
}

// parseDelay reads a number of seconds.
func parseDelay(value string) (time.Duration, bool) {
	value, _, _ = strings.Cut(value, " ")
	seconds, err := strconv.ParseFloat(strings.TrimSuffix(value, "s"), 64)
	if err != nil || !(seconds >= 0) {
		return 0, false
	}
	return time.Duration(math.Min(seconds, maxCrawlDelay.Seconds()) * float64(time.Second)), true
}
