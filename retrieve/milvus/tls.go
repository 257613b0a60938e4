package milvus

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/citewell/citewell/retrieve/index"
)

// trust returns the option that trusts the certificates in a file, too; nil without a file.
func (t target) trust(file string) (grpc.DialOption, error) {
	if file == "" {
		return nil, nil
	}
	if !t.tls {
		return nil, errors.New("--milvus-ca is for a server at an https address: leave it out, or give --milvus https://…")
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("certificates of --milvus-ca: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // this system has none
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate in PEM: give --milvus-ca the certificate of the authority, which begins with -----BEGIN CERTIFICATE-----", file)
	}
	return grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12})), nil
}

// certificateFault is in the text of an error about a certificate: gRPC hides its type.
const certificateFault = "x509: "

// untrusted returns the error of a server whose certificate is not accepted, with the fix.
func (s *Store) untrusted(cause error) error {
	_, why, _ := strings.Cut(cause.Error(), certificateFault)
	why = strings.TrimRight(why, `"`)
	return fmt.Errorf("%w: the certificate of %s is not accepted: %s: give that of its authority with --milvus-ca", index.ErrUnavailable, s.target.show, why)
}
