package milvus_test

import (
	"testing"

	"github.com/citewell/citewell/internal/milvustest"
)

func TestMain(m *testing.M) { milvustest.Main(m) }
