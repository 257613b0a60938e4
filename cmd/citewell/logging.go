package main

import (
	"fmt"
	"log/slog"

	"github.com/spf13/pflag"

	"github.com/citewell/citewell/internal/mask"
	"github.com/citewell/citewell/internal/trace"
)

// loggingConfig holds how every command logs.
type loggingConfig struct{ logLevel, logFormat string }

// commonFlags registers what every command has.
func commonFlags(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.configFile, "config", "", "file with settings, sites to ingest, and the look of the page (default: "+defaultConfigFile+" if it exists)")
	f.StringVar(&c.logLevel, "log-level", "", "least level of log lines: debug, info, warn or error (default: info for serve, else warn)")
	f.StringVar(&c.logFormat, "log-format", "text", "format of log lines: text or json")
}

func (c *config) validateLogging() error {
	var level slog.Level
	if c.logLevel != "" && level.UnmarshalText([]byte(c.logLevel)) != nil {
		return fmt.Errorf("--log-level %q is unknown: choose debug, info, warn or error", c.logLevel)
	}
	return nil
}

// log returns a logger of warnings and errors, unless --log-level says otherwise.
func (a *app) log() *slog.Logger { return a.logAt(slog.LevelWarn) }

// logAt returns a logger whose level is usual, unless --log-level says otherwise.
func (a *app) logAt(usual slog.Level) *slog.Logger {
	level := usual
	if a.logLevel != "" {
		_ = level.UnmarshalText([]byte(a.logLevel)) // it is valid
	}
	o := &slog.HandlerOptions{Level: level, ReplaceAttr: maskAttr}
	if a.logFormat == "json" {
		return slog.New(trace.Log(slog.NewJSONHandler(a.err, o)))
	}
	return slog.New(trace.Log(slog.NewTextHandler(a.err, o)))
}

// maskAttr masks the secrets of addresses in a value that is logged.
func maskAttr(_ []string, at slog.Attr) slog.Attr {
	switch v := at.Value.Any().(type) {
	case string:
		return slog.String(at.Key, mask.Text(v))
	case error:
		return slog.String(at.Key, mask.Text(v.Error()))
	}
	return at
}
