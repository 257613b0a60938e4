package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Settings are how a site looks. A configuration file has them under the name page; all
// are optional:
//
//	page:
//	  title: Kettle's documentation
//	  greeting: Ask about Kettle.
//	  logo: logo.svg                  # a file beside this one, 256 kB at most
//	  accent: "#14595f"               # the colour of links and buttons on white
//	  accent_dark: "#74c7c2"          # and on black
//	  links:
//	    - {text: Status, url: https://status.example.com/}
//	  starters: ["How do I install it?"]
//	  popular: true                   # add questions that readers asked often, from the log
type Settings struct {
	Title      string   `yaml:"title"`
	Greeting   string   `yaml:"greeting"`
	Logo       string   `yaml:"logo"`
	Accent     string   `yaml:"accent"`
	AccentDark string   `yaml:"accent_dark"`
	Links      []Link   `yaml:"links"`
	Starters   []string `yaml:"starters"`
	Popular    bool     `yaml:"popular"`
}

// A Link leads from the page to another one.
type Link struct {
	Text string `yaml:"text" json:"text"`
	URL  string `yaml:"url" json:"url"`
}

const maxLogoBytes = 256 << 10

// LoadSettings reads the settings of a configuration file. The path of a logo is
// relative to the file.
func LoadSettings(file string) (Settings, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return Settings{}, fmt.Errorf("web: read the configuration: %w", err)
	}
	s, err := parseSettings(b)
	if err != nil {
		return Settings{}, fmt.Errorf("web: %s: %w", file, err)
	}
	if s.Logo != "" && !filepath.IsAbs(s.Logo) {
		s.Logo = filepath.Join(filepath.Dir(file), s.Logo)
	}
	return s, nil
}

// parseSettings parses the part of a configuration file that is under the name page.
func parseSettings(b []byte) (Settings, error) {
	var f struct {
		Page     Settings  `yaml:"page"`
		Sources  yaml.Node `yaml:"sources"`  // package job reads them
		Settings yaml.Node `yaml:"settings"` // the command reads them
	}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return Settings{}, userError(err)
	}
	return f.Page, f.Page.validate()
}

var (
	unknownField = regexp.MustCompile(`(?s)^line (\d+): field (.*) not found in type web\.(\w+)$`)
	wrongValue   = regexp.MustCompile(`(?s)^line (\d+): cannot unmarshal`)
)

// userError returns the first error of a file, without Go types.
func userError(err error) error {
	var t *yaml.TypeError
	if !errors.As(err, &t) || len(t.Errors) == 0 {
		return err
	}
	if m := unknownField.FindStringSubmatch(t.Errors[0]); m != nil {
		has := "title, greeting, logo, accent, accent_dark, links, starters and popular"
		if m[3] == "Link" {
			has = "text and url"
		}
		return fmt.Errorf("line %s: there is no setting %q: page has %s", m[1], m[2], has)
	}
	if m := wrongValue.FindStringSubmatch(t.Errors[0]); m != nil {
		return fmt.Errorf("line %s: the value of a setting of page has the wrong form", m[1])
	}
	return errors.New(t.Errors[0])
}

// Colours of the page that text in the accent stands on, and of text on the accent.
const (
	paper, paperDark       = "#faf9f6", "#1c2226"
	onAccent, onAccentDark = "#ffffff", "#0d2224"
	minContrast            = 4.5 // of WCAG 2.2, level AA
)

func (s Settings) validate() error {
	for _, c := range []struct{ name, color, under, over string }{{"accent", s.Accent, paper, onAccent}, {"accent_dark", s.AccentDark, paperDark, onAccentDark}} {
		if c.color == "" {
			continue
		}
		if !hexColor.MatchString(c.color) {
			return fmt.Errorf("page: %s is %q, not a colour such as \"#14595f\"", c.name, c.color)
		}
		if got := min(contrast(c.color, c.under), contrast(c.color, c.over)); got < minContrast {
			return fmt.Errorf("page: %s %s is hard to read: its contrast with %s and %s is %.1f, want %.1f", c.name, c.color, c.under, c.over, got, minContrast)
		}
	}
	for _, l := range s.Links {
		u, err := url.Parse(l.URL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || l.Text == "" {
			return fmt.Errorf("page: the link %q needs a text, and a url that begins with http:// or https://", l.Text)
		}
	}
	return nil
}

// theme returns the style of the settings' colours.
func (s Settings) theme() string {
	if s.Accent == "" && s.AccentDark == "" {
		return ""
	}
	light, dark := s.Accent, s.AccentDark
	if light == "" {
		light = "#14595f"
	}
	if dark == "" {
		dark = "#74c7c2"
	}
	return ":root, :host { --site-accent: light-dark(" + light + ", " + dark + "); }\n"
}

func (s Settings) readLogo() ([]byte, error) {
	b, err := os.ReadFile(s.Logo)
	if err != nil {
		return nil, fmt.Errorf("page: read the logo: %w", err)
	}
	if len(b) > maxLogoBytes {
		return nil, fmt.Errorf("page: the logo has %d bytes, more than %d", len(b), maxLogoBytes)
	}
	switch filepath.Ext(s.Logo) {
	case ".svg", ".png", ".webp", ".jpg", ".jpeg", ".gif":
		return b, nil
	}
	return nil, fmt.Errorf("page: the logo %s is not an .svg, .png, .webp, .jpg or .gif", filepath.Base(s.Logo))
}

var hexColor = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// contrast returns the contrast of two colours as WCAG defines it, from 1 to 21.
func contrast(a, b string) float64 {
	light, dark := luminance(a), luminance(b)
	return (max(light, dark) + 0.05) / (min(light, dark) + 0.05)
}

func luminance(color string) float64 {
	rgb, _ := strconv.ParseUint(color[1:], 16, 32)
	sum := 0.0
	for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
		v := float64(rgb>>(8*i)&0xff) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}
