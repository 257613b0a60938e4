package retrievetest_test

import (
	"sync"
	"testing"

	"github.com/citewell/citewell/retrieve/retrievetest"
)

func TestOracle(t *testing.T) {
	var byName sync.Map
	retrievetest.Run(t, func(_ *testing.T, name string) retrievetest.Store {
		o, _ := byName.LoadOrStore(name, &retrievetest.Oracle{})
		return o.(*retrievetest.Oracle)
	})
}
