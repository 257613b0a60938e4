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
	info, ok := debug.ReadBuildInfo()
	if !ok {
		// Unreachable: the go command records it in every program.
		info = &debug.BuildInfo{}
	}
	_, err := fmt.Fprintln(a.out, versionLine(info))
	return err
}

// programVersion returns the version of the program alone.
func programVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		// Unreachable: the go command records it in every program.
		info = &debug.BuildInfo{}
	}
	return cmp.Or(version, info.Main.Version, "unknown")
}

// versionLine returns the version, commit and date of the program, and the Go
// that built it.
func versionLine(info *debug.BuildInfo) string {
	recorded := map[string]string{}
	for _, s := range info.Settings {
		recorded[s.Key] = s.Value
	}
	changed := ""
	if commit == "" && recorded["vcs.modified"] == "true" {
		changed = " with changes"
	}
	return fmt.Sprintf("citewell %s, commit %s%s, date %s, %s", cmp.Or(version, info.Main.Version, "unknown"), cmp.Or(commit, recorded["vcs.revision"], "unknown"), changed,
		cmp.Or(date, recorded["vcs.time"], "unknown"), cmp.Or(info.GoVersion, "unknown Go"))
}
