package embed

import (
	"context"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// An sendFunc sends one request. If the service refuses it, the error is a
// [refusal] or [errTooLong].
type sendFunc func(context.Context, request) (reply, error)

// A request is what to embed.
type request struct {
	model     string
	texts     []string
	kind      Kind
	dimension int // 0 means not to send it
	base64    bool
}

// A reply is a vector for each text, in order.
type reply struct {
	vectors []Vector
	model   string // as the service calls it; "" if it does not say
}

// A endpoint is what a client is made of.
type endpoint struct {
	provider   Provider
	base       string // URL without a slash at its end
	key        string
	version    string
	credential azcore.TokenCredential
	client     *http.Client // repeats what failed for a moment
}
