package llm

import (
	"fmt"
	"regexp"
	"strings"
)

// toolName matches the names of tools and schemas that OpenAI and Anthropic accept.
var toolName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// validate returns an error if the model's profile does not accept r.
func (c *Client) validate(r Request) error {
	p := c.profile
	if len(r.Messages) == 0 {
		return fmt.Errorf("%w: the request has no message", ErrConfig)
	}
	if len(r.Tools) > 0 && !p.tools {
		return fmt.Errorf("%w: profile %s has no tools; choose another model with --model", ErrConfig, p.name)
	}
	if err := c.validateEffortOfTools(r); err != nil {
		return err
	}
	for _, t := range r.Tools {
		if !toolName.MatchString(t.Name) {
			return fmt.Errorf("%w: invalid name of a tool (want letters, digits, _ and -)", ErrConfig)
		}
	}
	if s := r.Schema; s != nil {
		switch {
		case p.schema == noSchema:
			return fmt.Errorf("%w: profile %s has no structured outputs; choose another model with --model", ErrConfig, p.name)
		case !toolName.MatchString(s.Name):
			return fmt.Errorf("%w: invalid name of the schema (want letters, digits, _ and -)", ErrConfig)
		case p.schema == asToolCall && len(r.Tools) > 0:
			return fmt.Errorf("%w: profile %s accepts tools or a schema, not both", ErrConfig, p.name)
		}
		if err := requireAPIVersion(c.apiVersion, p.azure.schema, "structured outputs with profile "+p.name); err != nil {
			return err
		}
	}
	return c.validateMessages(r.Messages)
}

func (c *Client) validateMessages(messages []Message) error {
	for _, m := range messages {
		switch {
		case m.Role != RoleUser && m.Role != RoleAssistant && m.Role != RoleTool:
			return fmt.Errorf("%w: invalid role %q of a message", ErrConfig, m.Role)
		case (m.Role == RoleTool || len(m.Calls) > 0) && !c.profile.tools:
			return fmt.Errorf("%w: profile %s has no tools; choose another model with --model", ErrConfig, c.profile.name)
		case len(m.Images) > 0 && !c.profile.images:
			return fmt.Errorf("%w: profile %s does not accept images; choose another model with --model", ErrConfig, c.profile.name)
		case len(m.Images) > 0 && m.Role != RoleUser:
			return fmt.Errorf("%w: only a user message may have images", ErrConfig)
		case len(m.Images) > 0 && c.negotiated.snapshot().refused[noImages]:
			return c.errNoImages()
		}
		for _, image := range m.Images {
			if _, _, ok := dataURI(image); !ok && !strings.HasPrefix(image, "https://") {
				return fmt.Errorf("%w: an image is neither an https URL nor a data URI such as data:image/png;base64,…", ErrConfig)
			}
		}
	}
	return nil
}

// dataURI returns the media type and the base64 text of an image's data URI.
func dataURI(s string) (mediaType, data string, ok bool) {
	rest, ok := strings.CutPrefix(s, "data:")
	if !ok {
		return "", "", false
	}
	mediaType, data, ok = strings.Cut(rest, ";base64,")
	return mediaType, data, ok && strings.HasPrefix(mediaType, "image/") && data != ""
}
