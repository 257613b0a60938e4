package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/internal/lru"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/internal/start"
	"github.com/citewell/citewell/internal/trace/otlp"
)

// app is shared by all commands: settings, environment and output.
type app struct {
	config
	emulated   string                   // the model that demo emulates; "" means none
	deferModel bool                     // load the embedding model when it is first used
	vectors    *lru.Cache[embed.Vector] // of questions; nil keeps none
	embedded   *proof                   // when a question was last embedded; nil if vectors is
	getenv     func(string) string
	out, err   io.Writer
}

// command describes a subcommand; newRoot turns it into cobra's.
type command struct {
	use, short, example string
	args                cobra.PositionalArgs
	groups              []flagGroup
	run                 func(cmd *cobra.Command, args []string) error
}

func newRoot(a *app) *cobra.Command {
	root := parent("citewell", "citewell demo", "Answer questions about documentation sites and show the sentence that each answer comes from")
	root.SilenceUsage, root.SilenceErrors = true, true
	root.SetFlagErrorFunc(flagError)
	for _, c := range a.commands() {
		root.AddCommand(a.cobra(c))
	}
	eval := parent("eval", "citewell eval ask --questions questions.csv", "Measure retrieval, answers and other parts on your own data")
	for _, c := range a.evals() {
		eval.AddCommand(a.cobra(c))
	}
	root.AddCommand(eval)
	keys := parent("keys", "citewell keys list", "Make, list and remove the keys of servers")
	for _, c := range a.keyCommands() {
		keys.AddCommand(a.cobra(c))
	}
	root.AddCommand(keys)
	return root
}

// indent is in front of examples, as help has it in front of flags.
const indent = "  "

// parent returns a command with subcommands. By itself it prints their help.
func parent(use, example, short string) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Example: indent + example, Args: func(cmd *cobra.Command, args []string) error { return asUsage(cobra.NoArgs(cmd, args)) }, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
}

// cobra turns a command into cobra's.
func (a *app) cobra(c command) *cobra.Command {
	cmd := &cobra.Command{Use: c.use, Short: c.short, Example: indent + c.example, Args: withUsage(c.args), RunE: func(cmd *cobra.Command, args []string) error {
		start.Done()
		if err := a.load(cmd, a.getenv); err != nil {
			return asUsage(err)
		}
		ctx, end, err := otlp.Open(cmd.Context(), a.getenv, programVersion(), a.log())
		if err != nil {
			return asUsage(err)
		}
		defer end()
		cmd.SetContext(ctx)
		return c.run(cmd, args)
	}}
	for _, g := range c.groups {
		g(cmd.Flags(), &a.config)
	}
	commonFlags(cmd.Flags(), &a.config)
	return cmd
}

// commands lists the program's commands in the order of help.
func (a *app) commands() []command {
	boolean := func(p *bool, name, usage string) flagGroup {
		return func(f *pflag.FlagSet, _ *config) { f.BoolVar(p, name, false, usage) }
	}
	return []command{
		{"demo [QUESTION]", "Ingest Citewell's own documentation, answer a question, then serve: no key, no Docker", "citewell demo --once",
			cobra.MaximumNArgs(1), []flagGroup{modelFlags, pricesFlag, logFlags, a.emulateFlag, addrFlags, accessFlags, jsonFlag, boolean(&a.once, "once", "exit after the answer")}, a.demo},
		{"ingest URL|FILE|DIR...", "Fetch pages, cut them into chunks, embed and store them", "citewell ingest https://docs.example.com/guide/",
			cobra.MinimumNArgs(1), []flagGroup{storeFlags, embedFlags, textFlags, baseFlag, indexFlags, rebuildFlag, waitFlag, stateFlag, crawlFlags, jsonFlag}, a.ingest},
		{"ask QUESTION", "Answer a question from the index, with citations", `citewell ask "How do I add a route?"`,
			cobra.ExactArgs(1), []flagGroup{storeFlags, embedFlags, modelFlags, pricesFlag, queryFlags, retrievalFlags, evidenceFlag, logFlags, jsonFlag}, a.ask},
		{"search QUERY", "Find the nearest chunks, without a model", `citewell search "routing" -k 3`,
			cobra.ExactArgs(1), []flagGroup{storeFlags, embedFlags, queryFlags, retrievalFlags, jsonFlag}, a.search},
		{"serve", "Serve the HTTP API and the web page", "citewell serve --addr 127.0.0.1:8080",
			cobra.NoArgs, []flagGroup{storeFlags, embedFlags, modelFlags, addrFlags, accessFlags, anonymousFlag, limitFlags, budgetFlag, cacheFlag, proxyFlags, metricsFlag,
				boolean(&a.publishTexts, "publish-texts", "offer the texts of the indexed pages at /p/, and their list at /llms.txt"),
				retrievalFlags, evidenceFlag, textFlags, indexFlags, jobFlags, pricesFlag, logFlags}, a.serve},
		{"mcp", "Serve agents by the Model Context Protocol, on standard input and output", "citewell mcp --print-config claude",
			cobra.NoArgs, []flagGroup{storeFlags, embedFlags, modelFlags, retrievalFlags, evidenceFlag, pricesFlag, logFlags, a.mcpFlags}, a.mcp},
		{"chunks URL|FILE...", "Show what ingestion would store, without storing it", "citewell chunks --json https://docs.example.com/",
			cobra.MinimumNArgs(1), []flagGroup{textFlags, baseFlag, fetchFlags, jsonFlag, boolean(&a.page, "page", "show the extracted page instead of its chunks")}, a.chunks},
		{"pages", "List the pages of the index, and the skipped pages with the reason", "citewell pages --decision duplicate",
			cobra.NoArgs, []flagGroup{storeFlags, pagesFlags}, a.pages},
		{"explain URL|QUESTION", "Explain every decision about an address, from scope to chunks, or the search results of a question", `citewell explain "How do I add a route?"`,
			cobra.ExactArgs(1), []flagGroup{storeFlags, embedFlags, textFlags, fetchFlags, queryFlags, retrievalFlags, evidenceFlag, jsonFlag}, a.explain},
		{"gaps", "Group the questions that the pages do not answer well, to show what to write next", "citewell gaps --since 30d",
			cobra.NoArgs, []flagGroup{storeFlags, embedFlags, stateFlag, sinceFlag, alikeFlag, evidenceFlag, tableFlags}, a.gaps},
		{"stale", "List answered questions whose sources have changed or disappeared since", "citewell stale --csv",
			cobra.NoArgs, []flagGroup{storeFlags, stateFlag, sinceFlag, tableFlags}, a.stale},
		{"rm [URL...]", "Remove pages from the index, or with --name alone the whole index", "citewell rm https://docs.example.com/old/",
			cobra.ArbitraryArgs, []flagGroup{storeFlags, waitFlag, stateFlag, removeFlags, jsonFlag}, a.rm},
		{"backup FILE", "Save the index and the state to one file", "citewell backup citewell-backup.zip",
			cobra.ExactArgs(1), []flagGroup{storeFlags, waitFlag, stateFlag, backupFlags, jsonFlag}, a.backup},
		{"restore FILE", "Put a backup into an index and a state, in any Milvus and any database", "citewell restore citewell-backup.zip --milvus http://localhost:19530",
			cobra.ExactArgs(1), []flagGroup{storeFlags, waitFlag, stateFlag, backupFlags, restoreFlags, jsonFlag}, a.restore},
		{"doctor", "Check model files, Milvus, the index, the key and the model", "citewell doctor",
			cobra.NoArgs, []flagGroup{storeFlags, embedFlags, modelFlags, waitFlag, stateFlag, boolean(&a.recall, "recall", "compare the vector index with an exact search"),
				boolean(&a.fix, "fix", "remove what processes that were killed left in the index"), jsonFlag}, a.doctor},
		{"config [COMMAND [FLAGS]]", "Print the settings that a command would use, and where each comes from; those of serve without COMMAND", "citewell config serve --addr 127.0.0.1:9000",
			cobra.ArbitraryArgs, []flagGroup{jsonFlag, func(f *pflag.FlagSet, _ *config) { f.SetInterspersed(false) }}, a.showConfig},
		{"version", "Print the version, commit and date of this program", "citewell version", cobra.NoArgs, []flagGroup{jsonFlag}, a.version},
	}
}

// withUsage adds an example of usage to errors about the number of arguments.
func withUsage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return asUsage(fmt.Errorf("%w: usage: %s", err, strings.TrimSpace(cmd.Example)))
		}
		return nil
	}
}
