package main

import (
	"bytes"
	"regexp"
	"runtime/debug"
	"testing"
)

func TestVersionLine(t *testing.T) {
	clone := &debug.BuildInfo{GoVersion: "go1.26", Main: debug.Module{Version: "(devel)"}, Settings: []debug.BuildSetting{
		{Key: "-trimpath", Value: "true"}, {Key: "vcs.revision", Value: "0123abcd"}, {Key: "vcs.time", Value: "2026-11-28T02:00:00Z"}, {Key: "vcs.modified", Value: "true"}}}
	for _, tt := range []struct {
		name string
		told [3]string // version, commit, date
		info *debug.BuildInfo
		want string
	}{
		{"clone with changes", [3]string{}, clone, "citewell (devel), commit 0123abcd with changes, date 2026-11-28T02:00:00Z, go1.26"},
		{"module", [3]string{}, &debug.BuildInfo{GoVersion: "go1.26", Main: debug.Module{Version: "v1.2.3"}}, "citewell v1.2.3, commit unknown, date unknown, go1.26"},
		{"told by the build", [3]string{"v2", "feed", "2026-11-29"}, clone, "citewell v2, commit feed, date 2026-11-29, go1.26"},
		{"nothing recorded", [3]string{}, &debug.BuildInfo{}, "citewell unknown, commit unknown, date unknown, unknown Go"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			version, commit, date = tt.told[0], tt.told[1], tt.told[2]
			defer func() { version, commit, date = "", "", "" }()
			if got := versionLine(tt.info); got != tt.want {
				t.Errorf("versionLine = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"version"}, func(string) string { return "" }, &out, &out); err != nil {
		t.Fatal(err)
	}
	if form := regexp.MustCompile(`^citewell \S+, commit .+, date \S+, go\S+\n$`); !form.MatchString(out.String()) {
		t.Errorf("version = %q, want %s", &out, form)
	}
}
