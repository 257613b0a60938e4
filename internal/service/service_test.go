package service

import "testing"

func TestKey(t *testing.T) {
	for in, want := range map[string]string{
		"sk-1":               "sk-1",
		"sk-1\n":             "sk-1",
		"sk-1\r\n":           "sk-1",
		" \tsk-1 ":           "sk-1",
		`"sk-1"`:             "sk-1",
		`'sk-1'` + "\n":      "sk-1",
		"Bearer sk-1":        "sk-1",
		"bearer  sk-1\n":     "sk-1",
		`"Bearer sk-1"`:      "sk-1",
		"\ufeffsk-1":         "sk-1",
		"\n":                 "",
		"Bearer":             "Bearer",
		"key with space":     "key with space",
		"sk-\"1":             "sk-\"1",
		"\u200bsk-1\u00a0\n": "sk-1",
	} {
		if got := Key(in); got != want {
			t.Errorf("Key(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCheckKey(t *testing.T) {
	for key, ok := range map[string]bool{"": true, "sk-proj_1.2/+=": true, "sk-1\nsk-2": false, "sk 1": false, "sk-é": false, "sk-1\x00": false} {
		err := CheckKey("NAME", key)
		if (err == nil) != ok {
			t.Errorf("CheckKey(%q) = %v, want ok %v", key, err, ok)
		}
	}
}

func TestURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://host/v1\n":     "https://host/v1",
		` "https://host/v1" `:   "https://host/v1",
		"https://host/a%20b/v1": "https://host/a%20b/v1",
	} {
		if got := URL(in); got != want {
			t.Errorf("URL(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestOllamaURL(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "http://127.0.0.1:11434",
		"http://127.0.0.1:11434":    "http://127.0.0.1:11434",
		"127.0.0.1":                 "http://127.0.0.1:11434",
		"0.0.0.0":                   "http://127.0.0.1:11434",
		"0.0.0.0:11500":             "http://127.0.0.1:11500",
		":11500":                    "http://127.0.0.1:11500",
		"[::]:11434":                "http://127.0.0.1:11434",
		"[::1]":                     "http://[::1]:11434",
		"::1":                       "http://[::1]:11434",
		"gpu.example":               "http://gpu.example:11434",
		"gpu.example:80/":           "http://gpu.example:80",
		"gpu.example:port":          "http://gpu.example:11434",
		"gpu.example:70000":         "http://gpu.example:11434",
		"http://gpu.example":        "http://gpu.example:80",
		"http://gpu.example/":       "http://gpu.example:80",
		"https://gpu.example":       "https://gpu.example:443",
		"https://gpu.example/path":  "https://gpu.example:443/path",
		"https://gpu.example/path/": "https://gpu.example:443/path",
		"http://gpu.example:1/v1/":  "http://gpu.example:1",
		"https://gpu.example/a/v1":  "https://gpu.example:443/a",
		"ollama.com":                "https://ollama.com:443",
		" gpu.example ":             "http://gpu.example:11434",
		"'gpu.example'\n":           "http://gpu.example:11434",
		"https://0.0.0.0:1":         "https://127.0.0.1:1",
	} {
		if got := OllamaURL(in); got != want {
			t.Errorf("OllamaURL(%q) = %q, want %q", in, got, want)
		}
	}
}
