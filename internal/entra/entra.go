// Package entra caches tokens of Entra ID for the clients of Azure.
//
// Call [Cache]. The OpenAI SDK asks for a token with every request (3.96), and
// some of Azure's credentials start a program each time.
package entra

import (
	"context"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// renewBefore is how long before its expiry a token is replaced, as by Azure's
// own SDK: a request that waits or is repeated still has a valid one.
const renewBefore = 5 * time.Minute

// A TokenError reports that a credential gave no token.
type TokenError struct{ Err error }

func (e *TokenError) Error() string { return "no token of Entra ID: " + e.Err.Error() }

// Unwrap returns the credential's own error.
func (e *TokenError) Unwrap() error { return e.Err }

// A credential caches the token of another one.
type credential struct {
	from azcore.TokenCredential

	mu    sync.Mutex
	token azcore.AccessToken
}

// Cache returns a credential that asks from for a token only when the last one
// is about to expire. All requests must be for the same scopes. Its errors are
// of type [*TokenError].
func Cache(from azcore.TokenCredential) azcore.TokenCredential { return &credential{from: from} }

// GetToken returns the cached token, or a new one.
func (c *credential) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if o.Claims == "" && time.Until(c.token.ExpiresOn) > renewBefore {
		return c.token, nil
	}
	token, err := c.from.GetToken(ctx, o)
	if err != nil {
		return token, &TokenError{err}
	}
	c.token = token
	return token, nil
}
