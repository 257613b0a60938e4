package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// A setting is one of the settings of a configuration file.
type setting struct {
	values []string // several for a flag that is repeatable
	origin string   // file and line
}

// readSettings reads the part settings of the configuration file: names of flags and of
// variables, with their values. Variables hold keys and say which services get them, so
// they are taken from a file that the user has named alone, never from one that lies in
// the working directory.
func (c *config) readSettings(cmd *cobra.Command, getenv func(string) string) (map[string]setting, error) {
	if c.configFile == "" {
		c.configFile = getenv(envNames("config")[0])
	}
	file := c.configPath()
	if file == "" {
		return nil, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	var f struct {
		Settings yaml.Node `yaml:"settings"`
	}
	if err := yaml.NewDecoder(bytes.NewReader(b)).Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	all := map[string]setting{}
	if f.Settings.Kind == 0 || f.Settings.Tag == "!!null" {
		return all, nil
	}
	if f.Settings.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s, line %d: settings must be names with values, such as \"name: docs\"", file, f.Settings.Line)
	}
	flags := flagNames(cmd.Root())
	for i := 0; i < len(f.Settings.Content); i += 2 {
		key, value := f.Settings.Content[i], f.Settings.Content[i+1]
		s := setting{origin: fmt.Sprintf("%s, line %d", file, key.Line)}
		switch isVariable := isVariable(key.Value); {
		case !isVariable && !flags[key.Value]:
			return nil, fmt.Errorf("%s: there is no flag or variable %q: citewell config lists them", s.origin, key.Value)
		case isVariable && c.configFile == "":
			return nil, fmt.Errorf("%s: variables such as %s are read from a file that --config or CITEWELL_CONFIG names alone", s.origin, key.Value)
		}
		if s.values, err = scalars(value); err != nil {
			return nil, fmt.Errorf("%s: %s %w", s.origin, key.Value, err)
		}
		all[key.Value] = s
	}
	return all, nil
}

// scalars returns a value, or those of a list.
func scalars(n *yaml.Node) ([]string, error) {
	switch n.Kind {
	case yaml.ScalarNode:
		return []string{n.Value}, nil
	case yaml.SequenceNode:
		var out []string
		for _, element := range n.Content {
			if element.Kind != yaml.ScalarNode {
				return nil, errors.New("must be a list of values")
			}
			out = append(out, element.Value)
		}
		return out, nil
	}
	return nil, errors.New("must be a value or a list of values")
}

// flagNames returns the names of the flags of all commands.
func flagNames(root *cobra.Command) map[string]bool {
	names := map[string]bool{}
	for _, c := range leaves(root) {
		c.Flags().VisitAll(func(f *pflag.Flag) { names[f.Name] = f.Name != "help" && f.Name != "config" })
	}
	return names
}

// isVariable reports whether a name is that of a variable that is no flag's, and that this
// program reads itself.
func isVariable(name string) bool {
	return name != "XDG_CACHE_HOME" && slices.ContainsFunc(environment, func(e [2]string) bool { return e[0] == name })
}

// leaves returns the commands that do something.
func leaves(c *cobra.Command) []*cobra.Command {
	if !c.HasSubCommands() {
		return []*cobra.Command{c}
	}
	var out []*cobra.Command
	for _, s := range c.Commands() {
		out = append(out, leaves(s)...)
	}
	return out
}

// Origins of settings, beside variables and files.
const (
	originFlag    = "flag"
	originDefault = "default"
)

// setFlags sets the flags that were not given: from their variables, else from the file.
// It records where each comes from.
func (c *config) setFlags(f *pflag.FlagSet, getenv func(string) string, file map[string]setting) []error {
	var errs []error
	c.origins = map[string]string{}
	f.VisitAll(func(f2 *pflag.Flag) {
		c.origins[f2.Name] = originDefault
		if f2.Changed {
			c.origins[f2.Name] = originFlag
		}
		if f2.Changed || f2.Name == "help" {
			return
		}
		s := file[f2.Name]
		for _, name := range slices.Backward(envNames(f2.Name)) {
			if v := getenv(name); v != "" {
				s = setting{[]string{v}, name}
			}
		}
		for _, v := range s.values {
			if err := f.Set(f2.Name, v); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", s.origin, err))
			}
			c.origins[f2.Name] = s.origin
		}
	})
	return errs
}

// withSettings returns getenv that reads a variable from the file if it is not set.
func withSettings(getenv func(string) string, file map[string]setting) func(string) string {
	return func(name string) string {
		if v := getenv(name); v != "" || len(file[name].values) == 0 {
			return v
		}
		return file[name].values[0]
	}
}
