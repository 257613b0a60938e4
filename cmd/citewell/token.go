package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/spf13/pflag"

	"github.com/citewell/citewell/answer/budget"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/server"
	"github.com/citewell/citewell/server/limit"
)

// defaultTokenFile is where a server keeps its token, beside its state.
const defaultTokenFile = "citewell.token"

// tokenForm matches tokens that an Authorization header can hold and nobody guesses.
var tokenForm = regexp.MustCompile(`^[!-~]{16,256}$`)

// accessConfig holds the settings of who may do what over HTTP.
type accessConfig struct {
	tokenFile      string
	allowedHosts   []string
	allowedOrigins []string
	proxies        []string
	basePath       string
	metricsAddr    string
	maxAsks        int
	cacheMB        int
	budget         string
	maxSearches    int
	addressLimit   string
	anonymousLimit string
	token          Secret // from the environment only

	// Of citewell keys.
	keyLimit           string
	scopes, keyOrigins []string
	expires, overlap   span
}

func accessFlags(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.tokenFile, "token-file", "", "file with the first key, which gives all rights; it is created if there is no such key (default: "+defaultTokenFile+" beside the state)")
	f.StringSliceVar(&c.allowedHosts, "allowed-host", nil, "host name that the server is reached by, such as help.example.com; repeatable (IP addresses and localhost are always allowed)")
	f.StringSliceVar(&c.allowedOrigins, "allowed-origin", nil, "origin whose pages may embed the widget, such as https://docs.example.com; repeatable")
}

// validateAccess checks the flags of accessFlags.
func (c *config) validateAccess() error {
	var errs []error
	if c.maxAsks < 0 || c.maxSearches < 0 {
		errs = append(errs, errors.New("--max-asks and --max-searches must not be negative"))
	}
	if _, err := budget.Parse(c.budget); err != nil {
		errs = append(errs, fmt.Errorf("--budget: %w", err))
	}
	if c.cacheMB < 0 {
		errs = append(errs, errors.New("--cache-size must not be negative"))
	}
	for flag, origins := range map[string][]string{"allowed-origin": c.allowedOrigins, "origin": c.keyOrigins} {
		for _, origin := range origins {
			if err := server.ValidateOrigin(origin); err != nil {
				errs = append(errs, fmt.Errorf("--%s %q is not an origin such as https://docs.example.com, without a path and in lower case", flag, origin))
			}
		}
	}
	for _, host := range c.allowedHosts {
		if err := server.ValidateHost(host); err != nil {
			errs = append(errs, fmt.Errorf("--allowed-host %q is not a host name such as help.example.com, without scheme, port and path", host))
		}
	}
	if c.token != "" && !tokenForm.MatchString(string(c.token)) {
		errs = append(errs, errors.New("CITEWELL_TOKEN must be of 16 to 256 letters, digits and signs, without spaces"))
	}
	for _, proxy := range c.proxies {
		if _, err := server.ParseProxy(proxy); err != nil {
			errs = append(errs, fmt.Errorf("--trusted-proxy: %w", err))
		}
	}
	for flag, text := range map[string]string{"address-limit": c.addressLimit, "anonymous-limit": c.anonymousLimit, "limit": c.keyLimit} {
		if _, err := limit.Parse(text); err != nil {
			errs = append(errs, fmt.Errorf("--%s: %w", flag, err))
		}
	}
	if err := server.ValidateBasePath(c.basePath); err != nil {
		errs = append(errs, fmt.Errorf("--base-path: %w", err))
	}
	return errors.Join(errs...)
}

// openServerToken returns the token of a server, or "" if a key of the state gives all
// rights and no token is there.
func (a *app) openServerToken(ctx context.Context, db *state.DB) (string, error) {
	if _, err := os.Stat(a.tokenPath()); a.token == "" && errors.Is(err, fs.ErrNotExist) {
		keys, err := db.Keys(ctx)
		if err != nil {
			return "", err
		}
		if slices.ContainsFunc(keys, func(k state.Key) bool { return k.Allows(state.ScopeAdmin) && k.SessionOf() == "" }) {
			return "", nil
		}
	}
	return a.openToken()
}

// tokenPath returns where the token is kept.
func (a *app) tokenPath() string {
	dir := "."
	switch dsn := a.stateDSN(); {
	case a.tokenFile != "":
		return a.tokenFile
	case !state.IsPostgres(dsn):
		dir = filepath.Dir(dsn)
	case isFile(a.milvus):
		dir = filepath.Dir(a.milvus)
	}
	return filepath.Join(dir, defaultTokenFile)
}

// openToken returns the token of a server: CITEWELL_TOKEN, or else that of the token
// file. If there is no file, it makes a token, prints it this once and keeps it there.
func (a *app) openToken() (string, error) {
	if a.token != "" {
		return string(a.token), nil
	}
	file := a.tokenPath()
	token, err := a.readToken(file)
	if errors.Is(err, fs.ErrNotExist) {
		token = rand.Text()
		err = keepToken(file, token)
		if err == nil {
			a.say("first key, with all rights, kept in %s: %s", file, token)
			return token, nil
		}
		if errors.Is(err, fs.ErrExist) { // another server was faster
			token, err = a.readToken(file)
		}
	}
	if err != nil {
		return "", fmt.Errorf("the token of the server can't be kept in a file: %w: choose another with --token-file, or set CITEWELL_TOKEN", err)
	}
	a.say("the first key, with all rights, is in %s", file)
	return token, nil
}

// readToken reads a token file. It warns if other users can read it, too.
func (a *app) readToken(file string) (string, error) {
	token, err := readSecret(file)
	if err != nil {
		return "", err
	}
	if !tokenForm.MatchString(token) {
		return "", fmt.Errorf("%s holds no token of 16 to 256 letters, digits and signs: if it is an old token file, remove it to get a new token", file)
	}
	info, err := os.Stat(file)
	if err != nil {
		return "", err
	}
	if info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		a.say("warning: other users can read the token in %s: run chmod 600 %s", file, file)
	}
	return token, nil
}

// keepToken writes a token to a file that only the owner may read. The file appears
// with its whole content. The error is [fs.ErrExist] if there is one already.
func keepToken(file, token string) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".citewell-token-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(tmp.Name())) }()
	_, err = fmt.Fprintln(tmp, token)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Link(tmp.Name(), file)
}
