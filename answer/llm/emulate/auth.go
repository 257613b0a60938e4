package emulate

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// authenticate checks the credentials as the API does.
func (x *exchange) authenticate() *apiError {
	bearer, isBearer := strings.CutPrefix(x.r.Header.Get("Authorization"), "Bearer ")
	switch x.api {
	case azure:
		return x.authenticateAzure(bearer, isBearer)
	case anthropic:
		key := x.r.Header.Get("X-Api-Key")
		switch {
		case key == "":
			return &apiError{status: http.StatusUnauthorized, message: "x-api-key header is required"}
		case x.Key != "" && key != x.Key:
			return &apiError{status: http.StatusUnauthorized, message: "invalid x-api-key"}
		case x.r.Header.Get("Anthropic-Version") == "":
			return &apiError{status: http.StatusBadRequest, message: "anthropic-version: header is required"}
		case x.r.Header.Get("Anthropic-Version") != "2023-06-01":
			return &apiError{status: http.StatusBadRequest, message: "anthropic-version: " + `"` + x.r.Header.Get("Anthropic-Version") + `" is not a valid version`}
		}
		return nil
	}
	switch {
	case !isBearer || bearer == "":
		return &apiError{status: http.StatusUnauthorized, message: "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."}
	case x.Key != "" && bearer != x.Key:
		return &apiError{status: http.StatusUnauthorized, code: "invalid_api_key", message: "Incorrect API key provided: " + masked(bearer) + "."}
	}
	return nil
}

// version matches Azure's api-versions.
var version = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(-preview)?$`)

// authenticateAzure requires a key or a token, but not both, and an api-version.
func (x *exchange) authenticateAzure(bearer string, isBearer bool) *apiError {
	key := x.r.Header.Get("Api-Key")
	ok := key != "" && !isBearer && (x.Key == "" || key == x.Key) ||
		key == "" && isBearer && x.Token != nil && x.Token(bearer)
	if !ok {
		return &apiError{status: http.StatusUnauthorized, code: "401",
			message: "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource."}
	}
	x.version = x.r.URL.Query().Get("api-version")
	if strings.HasPrefix(x.r.URL.Path, "/openai/v1/") && slices.Contains([]string{"", "preview", "v1"}, x.version) {
		return nil
	}
	if !version.MatchString(x.version) {
		return &apiError{status: http.StatusNotFound, code: "404", message: "Resource not found"}
	}
	return nil
}

// masked returns a key with its middle hidden, as the service does.
func masked(key string) string {
	if len(key) <= 8 {
		return strings.Repeat("*", len(key))
	}
	return key[:3] + strings.Repeat("*", len(key)-7) + key[len(key)-4:]
}

// requireAPIVersion refuses an api-version that is older than the model's first on Azure.
func (x *exchange) requireAPIVersion(m rules) *apiError {
	if x.api == azure && m.azure != "" && x.version[:10] < m.azure[:10] {
		return refuse("", "BadRequest", "Model %s is enabled only for api versions %s and later", m.name, m.azure)
	}
	return nil
}
