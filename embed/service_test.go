package embed_test

import (
	"testing"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/embedtest"
)

func TestService(t *testing.T) {
	for _, p := range embed.Providers() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			embedtest.TestService(t, p.Name)
		})
	}
}
