package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/internal/state"
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

// An mcpServer is what a client needs to start this program.
type mcpServer struct {
	Type    string   `json:"type,omitempty" toml:"type,omitempty"`
	Command string   `json:"command" toml:"command"`
	Args    []string `json:"args" toml:"args"`
}

// printMCPConfig prints the settings with which a client starts this program as it was
// started now. Keys are not among them: it names the variables that the client has to set.
func (a *app) printMCPConfig(cmd *cobra.Command) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	args, err := a.mcpArgs(cmd.Flags())
	if err != nil {
		return err
	}
	server := mcpServer{Command: program, Args: args}
	var text []byte
	var file string
	switch a.printConfig {
	case "claude":
		file = ".mcp.json in a project's folder for Claude Code; for Claude Desktop, to the file that Settings, Developer, Edit Config opens"
		text, err = json.MarshalIndent(map[string]any{"mcpServers": map[string]any{"citewell": server}}, "", "  ")
	case "cursor":
		file = ".cursor/mcp.json in a project's folder, or ~/.cursor/mcp.json"
		text, err = json.MarshalIndent(map[string]any{"mcpServers": map[string]any{"citewell": server}}, "", "  ")
	case "vscode":
		file, server.Type = ".vscode/mcp.json in a project's folder", "stdio"
		text, err = json.MarshalIndent(map[string]any{"servers": map[string]any{"citewell": server}}, "", "  ")
	case "codex":
		file = "~/.codex/config.toml"
		text, err = toml.Marshal(map[string]any{"mcp_servers": map[string]any{"citewell": server}})
	default:
		return asUsage(fmt.Errorf("--print-config %q is not one of %s", a.printConfig, strings.Join(mcpClients, ", ")))
	}
	if err != nil {
		return err
	}
	a.say("Add this to %s:", file)
	if _, err = fmt.Fprintln(a.out, strings.TrimSpace(string(text))); err != nil {
		return err
	}
	if set := a.setVariables(); len(set) > 0 {
		a.say("The client starts the program without your shell's variables. Set those that it needs in \"env\" of this entry: %s", strings.Join(set, ", "))
	}
	if strings.Contains(filepath.ToSlash(program), "/go-build") {
		a.say("warning: go run removes this program some time later. Install it, and print the settings with the installed one: go install ./cmd/citewell")
	}
	if isFile(a.milvus) {
		if _, err := os.Stat(a.milvus); errors.Is(err, fs.ErrNotExist) {
			a.say("warning: there is no index in %s yet: run citewell ingest URL, or name the file by --milvus", a.milvus)
		}
	}
	return nil
}

// setVariables returns the names of the variables that are set now and are no flag's.
func (a *app) setVariables() []string {
	var set []string
	for _, e := range environment {
		if a.getenv(e[0]) != "" {
			set = append(set, e[0])
		}
	}
	return set
}

// mcpArgs returns the arguments of this call, with whole paths: the client starts the
// program in another folder.
func (a *app) mcpArgs(flags *pflag.FlagSet) ([]string, error) {
	paths := map[string]string{"config": a.configFile, "prices": a.prices}
	if isFile(a.milvus) {
		paths["milvus"] = a.milvus
	}
	if dsn := a.stateDSN(); !state.IsPostgres(dsn) && (a.state != "" || !isFile(a.milvus)) {
		paths["state"] = dsn
	}
	args := []string{"mcp"}
	var failed error
	flags.VisitAll(func(f *pflag.Flag) {
		value, isPath := paths[f.Name]
		switch {
		case isPath && value != "":
			whole, err := filepath.Abs(value)
			failed = errors.Join(failed, err)
			args = append(args, "--"+f.Name+"="+whole)
		case f.Name != "print-config" && (f.Changed || f.Name == "milvus"):
			args = append(args, "--"+f.Name+"="+f.Value.String())
		}
	})
	return args, failed
}
