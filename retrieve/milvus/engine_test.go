package milvus

import (
	"context"
	"testing"

	"github.com/milvus-io/milvus-sdk-go/v2/client"
	"github.com/milvus-io/milvus-sdk-go/v2/entity"
)

// An indexed is a Milvus whose collections exist and have an index, and that refuses to
// create another one.
type indexed struct {
	client.Client
	indexes []entity.Index
}

func (indexed) HasCollection(context.Context, string) (bool, error) { return true, nil }

func (indexed) CreateIndex(context.Context, string, string, entity.Index, bool, ...client.IndexOption) error {
	return &refusal{"CreateIndex", 35, "index already exists for field 'vec'; call drop_index first"}
}

func (i indexed) DescribeIndex(context.Context, string, string, ...client.IndexOption) ([]entity.Index, error) {
	return i.indexes, nil
}

// TestCreateAgain creates a collection that is there, in an engine that refuses to create
// its index again.
func TestCreateAgain(t *testing.T) {
	t.Parallel()
	flat := entity.NewGenericIndex("", entity.Flat, nil)
	for _, tt := range []struct {
		name    string
		indexes []entity.Index
		wantErr bool
	}{
		{"the same index", []entity.Index{flat}, false},
		{"another index", []entity.Index{entity.NewGenericIndex("", entity.HNSW, nil)}, true},
		{"no index", nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fields := []field{{name: "id", typ: keyType}, {name: "vec", typ: vectorType, dim: 2, index: vectorIndex{name: "FLAT"}}}
			err := (&engine{indexed{indexes: tt.indexes}}).create(t.Context(), "a", fields)
			if (err != nil) != tt.wantErr {
				t.Errorf("create() = %v, want an error: %t", err, tt.wantErr)
			}
		})
	}
}
