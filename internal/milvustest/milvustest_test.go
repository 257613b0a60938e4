package milvustest_test

import (
	"net"
	"testing"

	"github.com/citewell/citewell/internal/milvustest"
)

func TestMain(m *testing.M) { milvustest.Main(m) }

// TestAddr checks that the server listens and that all tests get the same one.
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
