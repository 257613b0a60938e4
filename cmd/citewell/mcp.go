package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/server/mcp"
)

// mcpClients are the programs that --print-config knows.
var mcpClients = []string{"claude", "cursor", "vscode", "codex"}

func (a *app) mcpFlags(f *pflag.FlagSet, _ *config) {
	f.StringVar(&a.printConfig, "print-config", "", "print what to add to the settings of "+strings.Join(mcpClients, ", ")+", and exit")
}

// mcp serves agents on standard input and output.
func (a *app) mcp(cmd *cobra.Command, _ []string) (err error) {
	if a.printConfig != "" {
		return a.printMCPConfig(cmd)
	}
	ctx := cmd.Context()
	p, err := a.openToAsk(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	s := mcp.New(mcp.Config{Answerer: p.answerer, Retriever: p.retriever, Manifest: p.store, Version: programVersion()})
	err = s.Run(ctx, &sdk.StdioTransport{})
	if ctx.Err() != nil {
		return nil // Ctrl-C is the usual end
	}
	return err
}

// printMCPConfig prints the settings with which a client starts this program as it was
// started now. Keys are not among them: the client's environment has them, or its own
// settings.
func (a *app) printMCPConfig(cmd *cobra.Command) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	args, err := a.mcpArgs(cmd.Flags())
	if err != nil {
		return err
	}
	command := map[string]any{"command": program, "args": args}
	var text []byte
	var file string
	switch a.printConfig {
	case "claude", "cursor":
		file = map[string]string{"claude": ".mcp.json of a project for Claude Code, or claude_desktop_config.json", "cursor": ".cursor/mcp.json of a project, or ~/.cursor/mcp.json"}[a.printConfig]
		text, err = json.MarshalIndent(map[string]any{"mcpServers": map[string]any{"citewell": command}}, "", "  ")
	case "vscode":
		file, command["type"] = ".vscode/mcp.json of a project", "stdio"
		text, err = json.MarshalIndent(map[string]any{"servers": map[string]any{"citewell": command}}, "", "  ")
	case "codex":
		file = "~/.codex/config.toml"
		text, err = toml.Marshal(map[string]any{"mcp_servers": map[string]any{"citewell": command}})
	default:
		return fmt.Errorf("--print-config %q is not one of %s", a.printConfig, strings.Join(mcpClients, ", "))
	}
	if err != nil {
		return err
	}
	a.say("Add this to %s:", file)
	_, err = fmt.Fprintln(a.out, strings.TrimSpace(string(text)))
	return err
}

// mcpArgs returns the arguments of this call, with whole paths: the client starts the
// program in another folder.
func (a *app) mcpArgs(flags *pflag.FlagSet) ([]string, error) {
	args := []string{"mcp"}
	add := func(f *pflag.Flag) {
		if f.Name != "print-config" && f.Name != "milvus" {
			args = append(args, "--"+f.Name+"="+f.Value.String())
		}
	}
	flags.Visit(add)
	where := a.milvus
	if isFile(where) {
		var err error
		if where, err = filepath.Abs(where); err != nil {
			return nil, err
		}
	}
	return slices.Insert(args, 1, "--milvus="+where), nil
}
