package main

import (
	"cmp"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Set by -ldflags "-X main.version=…". Where they are empty, the values that Go
// records in the program are used.
var (
	version string // such as v1.2.3
	commit  string
	date    string // of the commit
)

func (a *app) version(*cobra.Command, []string) error {
	info := buildInfo()
	if a.json {
		return a.printJSON(recordOf(info))
	}
	_, err := fmt.Fprintln(a.out, versionLine(info))
	return err
}

// buildInfo returns what Go has recorded in this program.
func buildInfo() *debug.BuildInfo {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		// Unreachable: the go command records it in every program.
		info = &debug.BuildInfo{}
	}
	return info
}

func versionOf(info *debug.BuildInfo) string { return cmp.Or(version, info.Main.Version, "unknown") }

// programVersion returns the version of the program alone.
func programVersion() string {
	return versionOf(buildInfo())
}

// A buildRecord says what program this is, as version --json prints it.
type buildRecord struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"`
	Modified bool   `json:"modified"` // built with changes that are not in the commit
	Date     string `json:"date"`     // of the commit
	Go       string `json:"go"`
}

func recordOf(info *debug.BuildInfo) buildRecord {
	recorded := map[string]string{}
	for _, s := range info.Settings {
		recorded[s.Key] = s.Value
	}
	return buildRecord{versionOf(info), cmp.Or(commit, recorded["vcs.revision"], "unknown"), commit == "" && recorded["vcs.modified"] == "true",
		cmp.Or(date, recorded["vcs.time"], "unknown"), cmp.Or(info.GoVersion, "unknown Go")}
}

// versionLine returns the version, commit and date of the program, and the Go
// that built it.
func versionLine(info *debug.BuildInfo) string {
	r, changed := recordOf(info), ""
	if r.Modified {
		changed = " with changes"
	}
	return fmt.Sprintf("citewell %s, commit %s%s, date %s, %s", r.Version, r.Commit, changed, r.Date, r.Go)
}
