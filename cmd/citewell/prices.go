package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"

	"go.yaml.in/yaml/v3"

	"github.com/spf13/pflag"

	"github.com/citewell/citewell/answer"
)

// A priceFile is the content of the file of --prices. Prices are per million tokens.
type priceFile struct {
	Currency string `yaml:"currency"`
	Models   map[string]struct {
		Input  *float64 `yaml:"input"`
		Cached *float64 `yaml:"cached"`
		Output *float64 `yaml:"output"`
	} `yaml:"models"`
}

var currency = regexp.MustCompile(`^[A-Z]{3}$`)

// loadPrices reads the file of --prices, if one is given.
func (a *app) loadPrices() (answer.Prices, error) {
	if a.prices == "" {
		return answer.Prices{}, nil
	}
	b, err := os.ReadFile(a.prices)
	if err != nil {
		return answer.Prices{}, err
	}
	p, err := readPrices(b)
	if err != nil {
		return answer.Prices{}, fmt.Errorf("--prices %s: %w", a.prices, err)
	}
	return p, nil
}

func readPrices(b []byte) (answer.Prices, error) {
	var file priceFile
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		return answer.Prices{}, err
	}
	var errs []error
	if !currency.MatchString(file.Currency) {
		errs = append(errs, fmt.Errorf("currency %q is not a code such as USD", file.Currency))
	}
	p := answer.Prices{Currency: file.Currency, Models: map[string]answer.Price{}}
	for name, m := range file.Models {
		if m.Input == nil || m.Output == nil {
			errs = append(errs, fmt.Errorf("model %q needs input and output, the prices of a million tokens", name))
			continue
		}
		for _, v := range []*float64{m.Input, m.Cached, m.Output} {
			if v != nil && (*v < 0 || math.IsInf(*v, 0) || math.IsNaN(*v)) {
				errs = append(errs, fmt.Errorf("model %q has the price %v", name, *v))
			}
		}
		p.Models[name] = answer.Price{Input: *m.Input, Cached: m.Cached, Output: *m.Output}
	}
	if len(p.Models) == 0 && len(errs) == 0 {
		errs = append(errs, errors.New("it contains no model"))
	}
	return p, errors.Join(errs...)
}

func pricesFlag(f *pflag.FlagSet, c *config) {
	f.StringVar(&c.prices, "prices", "", "file with the prices of models, to show the cost of answers")
}
