package provider

import (
	"context"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/citewell/citewell/embed"
)

// A sendFunc sends one request. If the service refuses it, the error is an [*apiError],
// wrapped in [errTooLong] if the texts have too many tokens.
type sendFunc func(context.Context, request) (reply, error)

// A request is a request for vectors.
type request struct {
	model     string
	texts     []string
	kind      embed.Kind
	dimension int // 0 means the model's own
	base64    bool
}

// A reply is a vector for each text, in order.
type reply struct {
	vectors []embed.Vector
	model   string // as the service names it; "" if it does not
}

// maxReplyBytes bounds the body of the answer to some texts. The largest batch, 2048
// vectors of 3072 numbers, takes some 80 MB.
func maxReplyBytes(texts int) int64 {
	return min(1<<20+int64(texts)*256<<10, 128<<20)
}

// An endpoint is a service with the settings of its client.
type endpoint struct {
	provider   Provider
	base       string // URL without trailing slash
	key        string
	version    string
	credential azcore.TokenCredential
	client     *http.Client // retries temporary failures
}
