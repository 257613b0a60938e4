package milvus

import (
	"context"
	"fmt"
	"maps"
	"time"

	grpc_retry "github.com/grpc-ecosystem/go-grpc-middleware/retry"
	"github.com/milvus-io/milvus-sdk-go/v2/client"
	"github.com/milvus-io/milvus-sdk-go/v2/entity"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/citewell/citewell/retrieve/bm25"
	"github.com/citewell/citewell/retrieve/index"
)

// An engine is a connection to Milvus. This file is the only one that imports the
// Milvus SDK: to use another client of Milvus, rewrite its methods.
//
// Errors come from the interceptor in the dial options: a [refusal] if Milvus refused
// a call, [index.ErrUnavailable] if it did not answer.
type engine struct{ client client.Client }

// A consistency is the consistency level of a read.
type consistency int

const (
	bounded consistency = iota // may miss recent writes
	session                    // sees the writes of this client
	strong                     // sees all writes; takes 200–400 ms on a server
)

var consistencyLevels = map[consistency]client.SearchQueryOptionFunc{
	bounded: client.WithSearchQueryConsistencyLevel(entity.ClBounded),
	session: client.WithSearchQueryConsistencyLevel(entity.ClSession),
	strong:  client.WithSearchQueryConsistencyLevel(entity.ClStrong),
}

// shards is the number of shards of a collection: a documentation site fits one.
const shards = 1

// connect dials Milvus at an address with scheme. By default the SDK waits for the
// deadline of the context even if the port is closed; here dialing ends with the first
// failure. The SDK's retries are off.
func connect(ctx context.Context, address, token string, opts ...grpc.DialOption) (*engine, error) {
	all := append([]grpc.DialOption{}, client.DefaultGrpcOpts...) // DialOptions replace them
	all = append(all,
		//lint:ignore SA1019 the SDK dials with the blocking, deprecated call
		grpc.FailOnNonTempDialError(true),
		//lint:ignore SA1019 the SDK dials with the blocking, deprecated call
		grpc.WithReturnConnectionError(),
		grpc.WithDefaultCallOptions(grpc_retry.Disable()))
	c, err := client.NewClient(ctx, client.Config{
		Address:        address,
		APIKey:         token, // sent as pymilvus sends a token: "user:password" works too
		DialOptions:    append(all, opts...),
		RetryRateLimit: &client.RetryRateLimitOption{MaxRetry: 6, MaxBackoff: time.Second}, // at most 2 s
	})
	if err != nil {
		return nil, err
	}
	return &engine{c}, nil
}

func (e *engine) close() error { return e.client.Close() }

// version returns the version of a server. ok is false for Milvus Lite, which has
// no method for it.
func (e *engine) version(ctx context.Context) (version string, ok bool, err error) {
	version, err = e.client.GetVersion(ctx)
	if status.Code(err) == codes.Unimplemented {
		return "", false, nil
	}
	return version, err == nil, err
}

// has reports whether a collection exists.
func (e *engine) has(ctx context.Context, collection string) (bool, error) {
	return e.client.HasCollection(ctx, collection)
}

var fieldTypes = map[dataType]entity.FieldType{
	keyType: entity.FieldTypeVarChar, textType: entity.FieldTypeVarChar, numberType: entity.FieldTypeInt64,
	vectorType: entity.FieldTypeFloatVector, sparseType: entity.FieldTypeSparseVector,
}

// create creates a collection, if it does not exist, and the indexes of its
// vectors. Its first field is its key.
func (e *engine) create(ctx context.Context, collection string, fields []field) error {
	has, err := e.has(ctx, collection)
	if err != nil {
		return err
	}
	if !has {
		schema := entity.NewSchema().WithName(collection)
		for i, f := range fields {
			column := entity.NewField().WithName(f.name).WithDataType(fieldTypes[f.typ]).WithIsPrimaryKey(i == 0)
			switch f.typ {
			case keyType:
				column.WithMaxLength(maxKeyBytes)
			case textType:
				column.WithMaxLength(index.MaxTextBytes)
			case vectorType:
				column.WithDim(int64(f.dim))
			}
			schema.WithField(column)
		}
		err := e.client.CreateCollection(ctx, schema, shards, client.WithConsistencyLevel(entity.ClBounded))
		if has, _ := e.has(ctx, collection); err != nil && !has { // another process may just have created it
			return err
		}
	}
	for _, f := range fields {
		if f.typ != vectorType && f.typ != sparseType {
			continue
		}
		// Not waited for: rows are found before they are indexed.
		ix := entity.NewGenericIndex("", entity.IndexType(f.index.name), f.index.params)
		if err := e.client.CreateIndex(ctx, collection, f.name, ix, true); err != nil && !e.hasIndex(ctx, collection, f) {
			return err
		}
	}
	return nil
}

// hasIndex reports whether a field has its index. Milvus creates an index that is there
// again; the server of Milvus Lite 3.2.2 refuses to.
func (e *engine) hasIndex(ctx context.Context, collection string, f field) bool {
	found, err := e.client.DescribeIndex(ctx, collection, f.name)
	return err == nil && len(found) == 1 && string(found[0].IndexType()) == f.index.name
}

// collections returns the names of all collections of the database.
func (e *engine) collections(ctx context.Context) ([]string, error) {
	found, err := e.client.ListCollections(ctx)
	names := make([]string, len(found))
	for i, c := range found {
		names[i] = c.Name
	}
	return names, err
}

// drop removes a collection.
func (e *engine) drop(ctx context.Context, collection string) error {
	return e.client.DropCollection(ctx, collection)
}

// load loads collections into memory and waits for that. The SDK's own waiting takes
// at least 200 ms for each; a server takes 3 s, for one as for all (2.3.5, 2026-11).
func (e *engine) load(ctx context.Context, collections ...string) error {
	for _, c := range collections {
		if err := e.client.LoadCollection(ctx, c, true); err != nil {
			return err
		}
	}
	for _, c := range collections {
		for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) { // Lite is done at once, a server in seconds
			state, err := e.client.GetLoadState(ctx, c, nil)
			if err != nil {
				return err
			}
			if state == entity.LoadStateLoaded {
				break
			}
			if state == entity.LoadStateNotExist { // it was dropped meanwhile
				return &refusal{"GetLoadState", codeNotFound, c + " does not exist"}
			}
			if err := pause(ctx, wait); err != nil {
				return err
			}
		}
	}
	return nil
}

// upsert writes rows, given as columns. A row replaces the stored one with its key.
func (e *engine) upsert(ctx context.Context, collection string, columns []values) error {
	sent := make([]entity.Column, len(columns))
	for i, c := range columns {
		switch data := c.data.(type) {
		case []string:
			sent[i] = entity.NewColumnVarChar(c.name, data)
		case []int64:
			sent[i] = entity.NewColumnInt64(c.name, data)
		case [][]float32:
			sent[i] = entity.NewColumnFloatVector(c.name, len(data[0]), data)
		case []bm25.Sparse:
			vectors := make([]entity.SparseEmbedding, len(data))
			for j, s := range data {
				var err error
				if vectors[j], err = entity.NewSliceSparseEmbedding(s.Dims, s.Weights); err != nil {
					return err
				}
			}
			sent[i] = entity.NewColumnSparseVectors(c.name, vectors)
		default:
			panic(fmt.Sprintf("milvus: misuse: column %s of %T", c.name, c.data))
		}
	}
	_, err := e.client.Upsert(ctx, collection, "", sent...)
	return err
}

// delete deletes the rows that match the expression.
func (e *engine) delete(ctx context.Context, collection, expr string) error {
	return e.client.Delete(ctx, collection, "", expr)
}

// query returns these fields of the rows that match the expression: at most limit
// rows, or all if limit is 0.
func (e *engine) query(ctx context.Context, collection, expr string, fields []string, level consistency, limit int) (reply, error) {
	opts := []client.SearchQueryOptionFunc{consistencyLevels[level]}
	if limit > 0 {
		opts = append(opts, client.WithLimit(int64(limit)))
	}
	found, err := e.client.Query(ctx, collection, nil, expr, fields, opts...)
	if err != nil {
		return reply{}, err
	}
	return replyOf(found, found.Len()), nil
}

// A search asks for the rows whose vectors are nearest to a vector.
type search struct {
	field  string      // of the vectors to compare
	dense  []float32   // vector to compare with
	sparse bm25.Sparse // vector to compare with if dense is nil
	metric string
	params map[string]any // of the index
	limit  int            // most rows to return
	expr   string         // that the rows must match; "" for all
	fields []string       // to return
}

// searchParam is the SDK's interface for the parameters of an index.
type searchParam map[string]any

func (p searchParam) Params() map[string]any { return p }
func (p searchParam) AddRadius(float64)      {}
func (p searchParam) AddRangeFilter(float64) {}

// search returns the nearest rows, the nearest first, with their scores.
func (e *engine) search(ctx context.Context, collection string, s search) (reply, error) {
	var vector entity.Vector = entity.FloatVector(s.dense)
	if s.dense == nil {
		sparse, err := entity.NewSliceSparseEmbedding(s.sparse.Dims, s.sparse.Weights)
		if err != nil {
			return reply{}, err
		}
		vector = sparse
	}
	params := searchParam{} // never nil: it is sent as JSON
	maps.Copy(params, s.params)
	found, err := e.client.Search(ctx, collection, nil, s.expr, s.fields, []entity.Vector{vector}, s.field,
		entity.MetricType(s.metric), s.limit, params, consistencyLevels[bounded])
	if err != nil {
		return reply{}, err
	}
	// The SDK reports a decoding failure in the result, not as its error. If nothing
	// is found, there is no result, or one without columns, which the SDK reports as
	// such a failure.
	if len(found) == 0 || found[0].ResultCount == 0 {
		return reply{}, nil
	}
	if err := found[0].Err; err != nil {
		return reply{}, err
	}
	r := replyOf(found[0].Fields, len(found[0].Scores))
	r.scores = found[0].Scores
	return r, nil
}

// replyOf converts the columns of a reply of the SDK.
func replyOf(found client.ResultSet, rows int) reply {
	r := reply{rows: rows}
	for _, c := range found {
		v := values{name: c.Name()}
		switch c := c.(type) {
		case *entity.ColumnVarChar:
			v.data = c.Data()
		case *entity.ColumnInt64:
			v.data = c.Data()
		case *entity.ColumnFloatVector:
			v.data = c.Data()
		case *entity.ColumnSparseFloatVector:
			v.data = sparseOf(c.Data())
		default:
			continue // of a type that this package does not write
		}
		r.columns = append(r.columns, v)
	}
	return r
}
