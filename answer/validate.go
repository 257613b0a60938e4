package answer

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/citewell/citewell/answer/llm"
)

// Limits for the images of a question, as the services document them: OpenAI
// and Anthropic accept these four types, OpenAI up to 20 MB each (2025).
const (
	maxImages     = 4
	maxImageBytes = 20 << 20
)

var imageTypes = []string{"image/png", "image/jpeg", "image/webp", "image/gif"}

// A profiled model tells what it accepts. A model without a profile gets
// everything.
type profiled interface {
	Model() string
	Profile() llm.Profile
}

// validate returns an error if q needs a model that is not there, or that can't
// do it.
func (a *Answerer) validate(q Question) error {
	if q.Mode != "" && q.Mode != Agentic && q.Mode != Extractive {
		return fmt.Errorf("%w: unknown mode %q", ErrUnsupported, q.Mode)
	}
	if q.Mode == Extractive {
		if len(q.Images) > 0 {
			return fmt.Errorf("%w: the mode extractive asks no model, and images need one", ErrUnsupported)
		}
		return nil
	}
	if len(q.Images) == 0 && q.Mode == "" {
		return nil
	}
	if a.model == nil {
		what := "images need a model"
		if q.Mode == Agentic {
			what = "the mode agentic needs a model"
		}
		return fmt.Errorf("%w: %s, and none is configured", ErrUnsupported, what)
	}
	if m, ok := a.model.(profiled); ok {
		p := m.Profile()
		switch {
		case len(q.Images) > 0 && !p.Images:
			return fmt.Errorf("%w: model %s does not accept images; choose another with --model, such as gpt-6.1-terra or claude-sonnet-5-5", ErrUnsupported, m.Model())
		case q.Mode == Agentic && !p.Tools:
			return fmt.Errorf("%w: model %s does not support tools, which the mode agentic needs; choose another with --model, such as gpt-6.1-terra or claude-sonnet-5-5", ErrUnsupported, m.Model())
		}
	}
	return validateImages(q.Images)
}

// validateImages returns an error that names the image that can't be sent, and
// why.
func validateImages(images []string) error {
	if len(images) > maxImages {
		return fmt.Errorf("%w: %d images, more than %d", ErrImage, len(images), maxImages)
	}
	for i, image := range images {
		if why := imageFault(image); why != "" {
			return fmt.Errorf("%w: image %d %s", ErrImage, i+1, why)
		}
	}
	return nil
}

// imageFault returns what is wrong with an image, or "". An https address is
// not fetched: the model's provider does that.
func imageFault(image string) string {
	rest, inline := strings.CutPrefix(image, "data:")
	if !inline {
		if u, err := url.Parse(image); err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
			return "is neither an https address nor a data URI"
		}
		return ""
	}
	kind, data, ok := strings.Cut(rest, ";base64,")
	switch {
	case !ok || data == "":
		return "is not a data URI such as data:image/png;base64,…"
	case !slices.Contains(imageTypes, kind):
		return "has a type other than " + strings.Join(imageTypes, ", ")
	case base64.StdEncoding.DecodedLen(len(data)) > maxImageBytes+2: // two bytes may be padding
		return fmt.Sprintf("is larger than %d MB", maxImageBytes>>20)
	}
	b, err := base64.StdEncoding.DecodeString(data)
	switch {
	case err != nil:
		return "is not valid base64"
	case len(b) > maxImageBytes:
		return fmt.Sprintf("is larger than %d MB", maxImageBytes>>20)
	case http.DetectContentType(b) != kind:
		return "is not of the type it declares, " + kind
	}
	return ""
}
