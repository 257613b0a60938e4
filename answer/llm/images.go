package llm

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
)

// noImages is the fact that the service refuses images for this model. The profile of
// an unknown model does not know it, so the first image is tried.
const noImages = "images"

// aboutImages matches an error that says that a model can't see.
var aboutImages = regexp.MustCompile(`(?i)image|vision|multi-?modal|content.*(must be|should be|expected).*string`)

// refusesImages reports whether err says that the model accepts no images. Parts of a
// message's content are refused only if one of them is an image.
func refusesImages(err error) bool {
	f, ok := errors.AsType[*apiError](err)
	if !ok || !slices.Contains([]int{http.StatusBadRequest, http.StatusNotFound, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}, f.status) {
		return false
	}
	return f.code != "model_not_found" && (contentParam.MatchString(f.param) || aboutImages.MatchString(f.message))
}

// contentParam matches the parameter that is the content of a message.
var contentParam = regexp.MustCompile(`^(messages|input)\[\d+\]\.content`)

func (c *Client) errNoImages() error {
	return fmt.Errorf("%w: %s accepts no images for this model; choose another with --model", ErrConfig, c.host)
}

func (r Request) hasImages() bool {
	return slices.ContainsFunc(r.Messages, func(m Message) bool { return len(m.Images) > 0 })
}
