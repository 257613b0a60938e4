package embed

import (
	"context"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// renewBefore is how long before its end a token is replaced, as by Azure's own
// SDK.
const renewBefore = 5 * time.Minute

// A credential keeps the token of another, and marks its errors as such. The
// OpenAI SDK asks for a token with every request (3.96), for which some of
// Azure's credentials start a program each time.
type credential struct {
	from  azcore.TokenCredential
	mu    sync.Mutex
	token azcore.AccessToken
}

// A credentialError says that there is no token.
type credentialError struct{ error }

func (e credentialError) Unwrap() error { return e.error }

// GetToken returns a token of Entra ID.
func (c *credential) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if o.Claims == "" && time.Until(c.token.ExpiresOn) > renewBefore {
		return c.token, nil
	}
	token, err := c.from.GetToken(ctx, o)
	if err != nil {
		return token, credentialError{err}
	}
	c.token = token
	return token, nil
}
