package retrievetest_test

import (
	"testing"

	"github.com/citewell/citewell/retrieve/retrievetest"
)

func TestOracle(t *testing.T) {
	byName := map[string]*retrievetest.Oracle{}
	retrievetest.Run(t, func(_ *testing.T, name string) retrievetest.Store {
		if byName[name] == nil {
			byName[name] = &retrievetest.Oracle{}
		}
		return byName[name]
	})
}
