package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/internal/mask"
)

// An effective is a setting as a command uses it.
type effective struct {
	Name   string `json:"name"` // of a flag, with its dashes, or of a variable
	Value  string `json:"value"`
	Origin string `json:"origin"` // flag, default, the name of a variable, or the file with the line
}

// showConfig prints the settings that a command would use, with secrets masked.
func (a *app) showConfig(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		args = []string{"serve"}
	}
	of := &app{getenv: a.getenv, out: a.out, err: a.err}
	cmd, rest, err := newRoot(of).Find(args)
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err != nil {
		return asUsage(err)
	}
	if a.configFile != "" && !cmd.Flags().Changed("config") {
		of.configFile = a.configFile
	}
	invalid := asUsage(of.load(cmd, of.getenv)) // what is wrong is easier to find in the list
	file, _ := of.readSettings(cmd, of.getenv)  // load has returned the error
	var all []effective
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "help" {
			all = append(all, effective{dashed(f.Name), shown(f), of.origins[f.Name]})
		}
	})
	for _, e := range environment {
		value, origin := of.getenv(e[0]), e[0]
		if s := file[e[0]]; value == "" && s.values != nil {
			value, origin = s.values[0], s.origin
		}
		if isSecretVar(e[0]) || e[0] == "CITEWELL_TOKEN" {
			value = Secret(value).String()
		}
		if value != "" {
			all = append(all, effective{e[0], mask.Text(value), origin})
		}
	}
	if a.json || of.json { // before or behind the name of the command
		if err := a.eachJSON(len(all), func(i int) any { return all[i] }); err != nil {
			return err
		}
		return invalid
	}
	out := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, e := range all {
		fmt.Fprintf(out, "%s\t%s\t%s\n", e.Name, oneLine(e.Value), e.Origin)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return invalid
}

func dashed(flag string) string {
	if len(flag) == 1 {
		return "-" + flag
	}
	return "--" + flag
}

// shown returns the value of a flag without secrets: the values of headers, and those of
// addresses.
func shown(f *pflag.Flag) string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		values := list.GetSlice()
		for i, v := range values {
			if name, _, isHeader := strings.Cut(v, ":"); isHeader && f.Name == "header" {
				values[i] = name + ": " + Secret("hidden").String()
			}
			values[i] = mask.Text(values[i])
		}
		return strings.Join(values, ", ")
	}
	return mask.Text(f.Value.String())
}
