package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSecretFiles checks where secrets are read from.
func TestSecretFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good, empty := write("good", " s3cret\n"), write("empty", "\n")
	for _, tt := range []struct {
		name, variable, value, file string
		want, fault                 string
	}{
		{"variable", "OPENAI_API_KEY", "v4lue", "", "v4lue", ""},
		{"file", "OPENAI_API_KEY", "", good, "s3cret", ""},
		{"file of the address of a database", "CITEWELL_STATE", "", good, "s3cret", ""},
		{"nothing", "MILVUS_TOKEN", "", "", "", ""},
		{"both", "OPENAI_API_KEY", "v4lue", good, "v4lue", "both set"},
		{"no file", "OPENAI_API_KEY", "", filepath.Join(dir, "none"), "", "no such file"},
		{"empty file", "OPENAI_API_KEY", "", empty, "", "is empty"},
		{"no secret", "OPENAI_BASE_URL", "", good, "", ""},
		{"the token, whose file is a flag's", "CITEWELL_TOKEN", "", good, "", ""},
	} {
		var errs []error
		got := withFiles(func(name string) string {
			return map[string]string{tt.variable: tt.value, tt.variable + "_FILE": tt.file}[name]
		}, &errs)(tt.variable)
		err := errors.Join(errs...)
		if got != tt.want || (err == nil) != (tt.fault == "") || err != nil && (!strings.Contains(err.Error(), tt.fault) || strings.Contains(err.Error(), "s3cret")) {
			t.Errorf("%s: %q, %v, want %q, %q", tt.name, got, err, tt.want, tt.fault)
		}
	}
}
