package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// maxSecretFileBytes bounds what is read of a file with a secret; it may be a device.
const maxSecretFileBytes = 64 << 10

// isSecretVar reports whether a variable holds a secret, so that it may be in a file. The
// file of CITEWELL_TOKEN is that of --token-file.
func isSecretVar(name string) bool {
	return (strings.HasSuffix(name, "_KEY") || strings.HasSuffix(name, "_TOKEN") || name == "CITEWELL_STATE") && name != "CITEWELL_TOKEN"
}

// withFiles returns getenv that reads a secret NAME from the file NAME_FILE, as container
// engines provide secrets, if NAME is not set. Faults are added to errs.
func withFiles(getenv func(string) string, errs *[]error) func(string) string {
	return func(name string) string {
		value := getenv(name)
		if !isSecretVar(name) {
			return value
		}
		file := getenv(name + "_FILE")
		switch {
		case file == "":
			return value
		case value != "":
			*errs = append(*errs, fmt.Errorf("%s and %s_FILE are both set: unset one", name, name))
			return value
		}
		secret, err := readSecret(file)
		if err != nil {
			*errs = append(*errs, fmt.Errorf("%s_FILE: %w", name, err))
		}
		return secret
	}
}

// readSecret returns the text of a file, without white space around it.
func readSecret(file string) (string, error) {
	// Without O_NONBLOCK, a pipe that nobody writes to would stop the program here,
	// deaf to signals.
	f, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSecretFileBytes+1))
	if err != nil {
		return "", err
	}
	secret := strings.TrimSpace(string(b))
	switch {
	case len(b) > maxSecretFileBytes:
		return "", fmt.Errorf("%s is larger than %d bytes", file, maxSecretFileBytes)
	case secret == "":
		return "", fmt.Errorf("%s is empty", file)
	}
	return secret, nil
}
