package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The picture is the one that its text describes.
func TestFlow(t *testing.T) {
	const dir = "../../../../docs/images/"
	drawn := filepath.Join(t.TempDir(), "flow.svg")
	if err := draw(dir+"flow.txt", drawn); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(drawn)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(dir + "flow.svg")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("docs/images/flow.svg is not what docs/images/flow.txt describes: run go generate ./docs")
	}
	d := xml.NewDecoder(strings.NewReader(string(got)))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the picture is no XML: %v", err)
		}
	}
}

func TestParse(t *testing.T) {
	for _, bad := range []string{"a | A | small", "lane L\nlink a b", "lane L\na | A"} {
		if _, err := parse(bad); err == nil {
			t.Errorf("parse(%q) has no error", bad)
		}
	}
}
