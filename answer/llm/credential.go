package llm

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// renewBefore is how long before its end a token is replaced: a request that
// waits for its turn or is repeated still has a good one.
const renewBefore = 5 * time.Minute

// errToken is what a credential fails with, to be told from the errors of the
// model's service.
var errToken = errors.New("no Entra ID token")

// A credential keeps the token of another as long as it lasts. The SDK asks for
// one with each request, and to get it may mean to run the az command.
type credential struct {
	from azcore.TokenCredential

	mu    sync.Mutex
	token azcore.AccessToken
}

var _ azcore.TokenCredential = (*credential)(nil)

// GetToken returns a token for the scopes of o, which are always the same.
func (c *credential) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Until(c.token.ExpiresOn) > renewBefore && o.Claims == "" {
		return c.token, nil
	}
	t, err := c.from.GetToken(ctx, o)
	if err != nil {
		return t, fmt.Errorf("%w: %w", errToken, err)
	}
	c.token = t
	return t, nil
}
