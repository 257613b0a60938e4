package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/citewell/citewell/internal/milvustest"
	"github.com/citewell/citewell/internal/pgtest"
	"github.com/citewell/citewell/internal/state"
	"github.com/citewell/citewell/retrieve/milvus/lite"
)

// serveLite serves a file of Milvus Lite at an address, as a Milvus server is.
func serveLite(t *testing.T) string {
	t.Helper()
	l, err := lite.Open(t.Context(), lite.Config{File: filepath.Join(t.TempDir(), "a.db"), Dir: milvustest.LiteDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close(); l.Close() })
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			out, err := l.Dial(context.Background())
			if err != nil {
				in.Close()
				continue
			}
			go func() { io.Copy(out, in); out.Close() }()
			go func() { io.Copy(in, out); in.Close() }()
		}
	}()
	return "http://" + ln.Addr().String()
}

// TestPostgresLocks tests that commands that change an index on a server get its
// lock in the PostgreSQL database of the state, and name the process that has it.
func TestPostgresLocks(t *testing.T) {
	t.Parallel()
	address, dsn := serveLite(t), pgtest.DSN(t)
	page := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(page, []byte("# Notes\n\nThese are notes about candles."), 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(name string) string {
		return map[string]string{"CITEWELL_MILVUS": address, "CITEWELL_STATE": dsn, "CITEWELL_EMBEDDER": "constant", "CITEWELL_WAIT": "300ms"}[name]
	}
	said := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := run(t.Context(), args, env, &out, &out)
		if err != nil {
			out.WriteString(message(err))
		}
		return out.String(), err
	}
	if out, err := said("ingest", page); err != nil {
		t.Fatalf("ingest = %v\n%s", err, out)
	}
	l, _, err := state.TryLock(t.Context(), dsn, address+"/citewell", `{"host":"elsewhere","pid":4711,"since":"2026-01-02T03:04:05Z"}`)
	if l == nil || err != nil {
		t.Fatalf("TryLock() = %v, %v", l, err)
	}
	for _, args := range [][]string{{"ingest", page}, {"ingest", "--rebuild", page}, {"rm", page}, {"rm", "--name", "citewell"}, {"doctor", "--fix"}} {
		if out, err := said(args...); err == nil || !strings.Contains(out, `process 4711 on elsewhere, since 2026-01-02T03:04:05Z, is changing`) {
			t.Errorf("%s beside another process = %v\n%s", args, err, out)
		}
	}
	if out, err := said("search", "candles"); err != nil || !strings.Contains(out, "candles") {
		t.Errorf("search beside another process = %v\n%s", err, out)
	}
	if err := l.Release(t.Context()); err != nil {
		t.Error(err)
	}
	if out, err := said("rm", "--name", "citewell"); err != nil {
		t.Errorf("rm after the other process = %v\n%s", err, out)
	}
	dsn = "postgres://user:5ecre7@127.0.0.1:1/x?sslmode=disable"
	if out, err := said("ingest", page); err == nil || !strings.Contains(out, "PostgreSQL") || regexp.MustCompile(`5ecre7|state:|milvus: `).MatchString(out) {
		t.Errorf("ingest without PostgreSQL = %v\n%s", err, out)
	}
}
