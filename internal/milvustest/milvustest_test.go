package milvustest_test

import (
	"net"
	"testing"

	"github.com/citewell/citewell/internal/milvustest"
)

func TestMain(m *testing.M) { milvustest.Main(m) }

// TestAddr holds the server that is started to listening, and to being one for
// all tests.
func TestAddr(t *testing.T) {
	addr := milvustest.Addr(t)
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if again := milvustest.Addr(t); again != addr {
		t.Errorf("Addr() = %s, then %s", addr, again)
	}
}
