package answer

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/citewell/citewell/answer/llm"
	"github.com/citewell/citewell/answer/llm/emulate"
	"github.com/citewell/citewell/answer/llm/llmtest"
)

// dot is a PNG of one pixel.
const dot = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

func TestBadImage(t *testing.T) {
	large := "data:image/gif;base64," + base64.StdEncoding.EncodeToString(append([]byte("GIF89a"), make([]byte, maxImageBytes-5)...))
	limit := "data:image/gif;base64," + base64.StdEncoding.EncodeToString(append([]byte("GIF89a"), make([]byte, maxImageBytes-6)...))
	for _, tt := range []struct{ name, image, want string }{
		{"address", "https://e.org/a.png", ""},
		{"png", dot, ""},
		{"as large as may be", limit, ""},
		{"larger", large, "larger than 20 MB"},
		{"http", "http://e.org/a.png", "neither"},
		{"file", "file:///etc/passwd", "neither"},
		{"no host", "https:///a.png", "neither"},
		{"user", "https://u:p@e.org/a.png", "neither"},
		{"empty", "", "neither"},
		{"svg", "data:image/svg+xml;base64,PHN2Zz4=", "type other than"},
		{"html", "data:text/html;base64,PHN2Zz4=", "type other than"},
		{"no base64", "data:image/png,abc", "not a data URI"},
		{"no data", "data:image/png;base64,", "not a data URI"},
		{"broken base64", "data:image/png;base64,iVBOR!", "not valid base64"},
		{"another type", strings.Replace(dot, "png", "jpeg", 1), "not of the type it declares"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := imageFault(tt.image); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("badImage = %q, want %q", got, tt.want)
			}
		})
	}
	if err := validateImages([]string{dot, dot, dot, dot, dot}); !errors.Is(err, ErrImage) {
		t.Errorf("five images give %v", err)
	}
	if err := validateImages([]string{dot, "x"}); err == nil || !strings.Contains(err.Error(), "image 2 ") {
		t.Errorf("a bad second image gives %v", err)
	}
}

// TestUnsupported checks that a question that the model does not support is rejected.
func TestUnsupported(t *testing.T) {
	for _, tt := range []struct {
		name, model string // "" is no model
		question    Question
		want        string
	}{
		{"images without model", "", Question{Images: []string{dot}}, "none is configured"},
		{"agentic without model", "", Question{Mode: Agentic}, "none is configured"},
		{"images", "o1-mini", Question{Images: []string{dot}}, "model o1-mini does not accept images; choose another with --model, such as gpt-6.1-terra"},
		{"images of o3-mini", "o3-mini", Question{Images: []string{dot}}, "model o3-mini does not accept images"},
		{"agentic", "o1-mini", Question{Mode: Agentic}, "model o1-mini does not support tools"},
		{"agentic of R1", "deepseek-r1", Question{Mode: Agentic}, "model deepseek-r1 does not support tools"},
		{"images without asking", "gpt-4o", Question{Mode: Extractive, Images: []string{dot}}, "the mode extractive asks no model"},
		{"another mode", "gpt-4o", Question{Mode: "psychic"}, `unknown mode "psychic"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := llmtest.Emulate(t, emulate.Config{})
			c := Config{Retriever: doors}
			if tt.model != "" {
				m, err := llm.New(llm.Config{Model: tt.model, APIKey: llmtest.Key, BaseURL: srv.URL})
				if err != nil {
					t.Fatal(err)
				}
				c.Model = m
			}
			a, err := New(c)
			if err != nil {
				t.Fatal(err)
			}
			tt.question.Text = "door"
			if _, err := a.Answer(t.Context(), tt.question); !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Answer = %v, want ErrUnsupported with %q", err, tt.want)
			}
			if n := len(srv.Bodies()); n != 0 {
				t.Errorf("%d requests were sent, want none", n)
			}
		})
	}
}

// TestImages checks that images are sent to models that accept them, with and
// without sources.
func TestImages(t *testing.T) {
	const address = "https://e.org/roof.png"
	for _, tt := range []struct {
		name, provider, model string
		question              Question
	}{
		{"o1", "", "o1", Question{Text: "roof"}},
		{"gpt-4o", "", "gpt-4o", Question{Text: "roof"}},
		{"claude", "anthropic", "claude-3.5-sonnet", Question{Text: "roof"}},
		{"no sources", "", "o1", Question{Text: "what is on this picture?"}},
		{"agentic", "", "o1", Question{Text: "roof", Mode: Agentic}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := llmtest.Emulate(t, emulate.Config{})
			base := srv.URL
			if tt.provider != "" {
				base = srv.Root
			}
			m, err := llm.New(llm.Config{Provider: tt.provider, Model: tt.model, APIKey: llmtest.Key, BaseURL: base})
			if err != nil {
				t.Fatal(err)
			}
			a, err := New(Config{Retriever: doors, Model: m})
			if err != nil {
				t.Fatal(err)
			}
			tt.question.Images = []string{address, dot}
			ans, err := a.Answer(t.Context(), tt.question)
			if err != nil {
				t.Fatal(err)
			}
			if ans.Answer == "" || ans.Mode == Extractive {
				t.Errorf("answer %q (%s), warning %q", ans.Answer, ans.Mode, ans.Warning)
			}
			body := srv.Bodies()[0]
			for _, want := range []string{address, strings.TrimPrefix(dot, "data:image/png;base64,"), "from the images and the sources"} {
				if !strings.Contains(body, want) {
					t.Errorf("the request lacks %q: %s", want, body)
				}
			}
		})
	}
}
