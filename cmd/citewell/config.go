package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/citewell/citewell/chunker"
	"github.com/citewell/citewell/retrieve"
)

// A Secret is a key or token. It prints as REDACTED.
type Secret string

// String hides the value.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "REDACTED"
}

// LogValue hides the value from logs too.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// config holds the settings of all commands. A command registers the flags it uses.
type config struct {
	milvus, name                         string
	embedder, embedModel                 string
	selectors                            []string
	text                                 string
	sizeRunes, overlapRunes              int
	index, metric                        string
	baseURL, urlStyle                    string
	k                                    int
	source, urlPrefix, lang, pageVersion string
	decision                             string
	csv, recall                          bool
	addr                                 string
	rebuild, once, page                  bool
	printConfig                          string
	publishTexts                         bool
	fix                                  bool
	wait                                 time.Duration
	anonymous, proofOfWork, json         bool

	loggingConfig
	accessConfig
	backupConfig
	crawlConfig
	jobConfig
	logConfig
	modelConfig
	evalConfig
	retrievalConfig

	// From the environment only.
	milvusCA          string
	milvusToken       Secret
	modelDir, liteDir string
	embedVars         map[string]Secret // by name
	cacheDir          string

	configFile string            // see configPath
	origins    map[string]string // where each flag comes from, by name
}

// Times to wait for another process that is changing the index. A job of a server
// waits as if it were still in the queue.
const (
	defaultWait = time.Minute
	jobWait     = time.Hour
)

// A flagGroup registers flags that several commands share.
type flagGroup func(*pflag.FlagSet, *config)

func storeFlags(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.milvus, "milvus", "./citewell.db", "location of the index: a path ending in .db (Milvus Lite), http://host:19530, or https://… with MILVUS_TOKEN")
	f.StringVar(&c.milvusCA, "milvus-ca", "", "file with the certificate, in PEM, of your own authority that has signed that of a Milvus server at https://…")
	f.StringVar(&c.name, "name", "citewell", "name of the index")
}

func embedFlags(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.embedder, "embedder", "local", "embedding provider: "+strings.Join(embedderNames(), ", ")+" (constant is for measuring the pipeline)")
	f.StringVar(&c.embedModel, "embed-model", "", "embedding model, or model/dimension for shorter vectors (default: the provider's; with local the first pages choose all-MiniLM-L6-v2 or multilingual)")
	apiVersionFlag(f, c)
}

func textFlags(f *pflag.FlagSet, c *config) {
	f.StringArrayVar(&c.selectors, "selector", nil, "CSS selector of the content; repeatable (default: the main content)")
	f.StringVar(&c.text, "text", "markdown", "format of the text: markdown or plain")
	sizeFlags(f, c)
}

func sizeFlags(f *pflag.FlagSet, c *config) {
	f.IntVar(&c.sizeRunes, "size", 2000, "maximum size of a chunk, in characters")
	f.IntVar(&c.overlapRunes, "overlap", 200, "overlap of neighbouring chunks, in characters")
}

func baseFlag(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.baseURL, "base-url", "", "public address of a folder's files, for citations (default: the one in the settings of its documentation generator)")
	f.StringVar(&c.urlStyle, "url-style", "auto", "addresses of a folder's files: file, directory (guide/intro/), clean (guide/intro), html, or auto, as its documentation generator writes them")
}

func indexFlags(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.index, "index", "FLAT", "vector index of Milvus: FLAT is exact; HNSW, IVF_FLAT and AUTOINDEX are faster on a server with millions of chunks")
	f.StringVar(&c.metric, "metric", "L2", "distance: L2, IP or COSINE")
}

func rebuildFlag(f *pflag.FlagSet, c *config) {
	f.BoolVar(&c.rebuild, "rebuild", false, "rebuild the index; it replaces the old one when complete")
}

func waitFlag(f *pflag.FlagSet, c *config) {
	f.DurationVar(&c.wait, "wait", defaultWait, "how long to wait for another process that is changing the index")
}

func queryFlags(f *pflag.FlagSet, c *config) {
	kFlag(f, c)
	filterFlags(f, c)
}

func filterFlags(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.source, "source", "", "only chunks of this source")
	f.StringVar(&c.urlPrefix, "url-prefix", "", "only pages whose address begins with this")
	f.StringVar(&c.lang, "lang", "", "only pages in this language, such as en; de is also de-AT")
	f.StringVar(&c.pageVersion, "version", "", "only pages of this version, as their addresses spell it, such as 2.0 or stable")
}

func kFlag(f *pflag.FlagSet, c *config) {
	f.IntVarP(&c.k, "k", "k", retrieve.DefaultK, fmt.Sprintf("number of chunks to use, 1–%d", retrieve.MaxK))
}

func addrFlags(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.addr, "addr", "127.0.0.1:8080", "address to listen on")
}

// envNames returns the environment variables that stand in for a flag, the most
// specific first.
func envNames(flag string) []string {
	names := []string{"CITEWELL_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))}
	if flag == "milvus" {
		names = append(names, "MILVUS_URI")
	}
	return names
}

// readVars reads environment variables of a service into vars, without the white space
// around them. It skips empty names.
func readVars(vars map[string]Secret, getenv func(string) string, names ...string) {
	for _, name := range names {
		if name != "" {
			vars[name] = Secret(strings.TrimSpace(getenv(name)))
		}
	}
}

// load sets flags that were not given, from the environment and the configuration file,
// then validates all.
func (c *config) load(cmd *cobra.Command, getenv func(string) string) error {
	var errs []error
	file, err := c.readSettings(cmd, getenv)
	if err != nil {
		return err
	}
	getenv = withFiles(withSettings(getenv, file), &errs)
	errs = append(errs, c.setFlags(cmd.Flags(), getenv, file)...)
	if c.replay != "" {
		getenv = withKeys(getenv)
	}
	c.token = Secret(strings.TrimSpace(getenv("CITEWELL_TOKEN")))
	c.milvusToken, c.modelDir, c.liteDir = Secret(strings.TrimSpace(getenv("MILVUS_TOKEN"))), getenv("CITEWELL_MODEL_DIR"), getenv("CITEWELL_MILVUS_LITE")
	c.loadEmbedder(getenv)
	c.loadModel(getenv)
	c.loadReranker(getenv)
	cache, err := os.UserCacheDir()
	if err != nil {
		errs = append(errs, fmt.Errorf("no folder for downloads: %w: set XDG_CACHE_HOME", err))
	}
	c.cacheDir = filepath.Join(cache, "citewell")
	return errors.Join(append(errs, c.validate(cmd.Flags()))...)
}

// validate checks the flags of the command and joins all faults.
func (c *config) validate(f *pflag.FlagSet) error {
	var errs []error
	oneOf := func(flag, value string, allowed ...string) {
		if f.Lookup(flag) != nil && !slices.Contains(allowed, value) {
			errs = append(errs, fmt.Errorf("--%s %q is unknown: choose %s", flag, value, strings.Join(allowed, ", ")))
		}
	}
	oneOf("embedder", c.embedder, embedderNames()...)
	oneOf("log-format", c.logFormat, "text", "json")
	errs = append(errs, c.validateLogging())
	oneOf("text", c.text, "markdown", "plain")
	oneOf("decision", c.decision, append([]string{""}, decisions...)...)
	c.index, c.metric = strings.ToUpper(c.index), strings.ToUpper(c.metric)
	oneOf("metric", c.metric, "L2", "IP", "COSINE")
	if f.Lookup("size") != nil && (c.sizeRunes < 1 || c.overlapRunes < 0 || c.overlapRunes >= c.sizeRunes) {
		errs = append(errs, fmt.Errorf("--size %d and --overlap %d do not fit: size must be at least 1, overlap at least 0 and smaller than size", c.sizeRunes, c.overlapRunes))
	}
	if f.Lookup("compare") != nil {
		errs = append(errs, c.validateEval())
	} else if f.Lookup("k") != nil && (c.k < 1 || c.k > retrieve.MaxK) {
		errs = append(errs, fmt.Errorf("-k %d is not within 1–%d", c.k, retrieve.MaxK))
	}
	if c.maxOutputTokens < 0 {
		errs = append(errs, fmt.Errorf("--max-output %d is negative", c.maxOutputTokens))
	}
	errs = append(errs, validateAddress("--base-url", c.baseURL), c.validateCrawl(f), c.validateRetrieval(f), c.validateLog(f), c.validateState(f))
	oneOf("url-style", c.urlStyle, "", "auto", "file", "directory", "clean", "html")
	if f.Lookup("token-file") != nil || f.Lookup("origin") != nil {
		errs = append(errs, c.validateAccess())
	}
	if f.Lookup("embedder") != nil {
		errs = append(errs, c.validateEmbedder())
	}
	if f.Lookup("model") != nil {
		errs = append(errs, c.validateModel())
	}
	return errors.Join(errs...)
}

// chunking returns the options of the splitter. On the command line, an overlap
// of 0 means none.
func (c *config) chunking() chunker.Options {
	o := chunker.Options{Kind: chunker.Document, SizeRunes: c.sizeRunes, OverlapRunes: c.overlapRunes}
	if o.OverlapRunes == 0 {
		o.OverlapRunes = chunker.NoOverlap
	}
	return o
}

func (c *config) filter() retrieve.Filter {
	return retrieve.Filter{Source: c.source, URLPrefix: c.urlPrefix, Lang: c.lang, Version: c.pageVersion}
}
