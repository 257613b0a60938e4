package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// dumpTables are the tables of a dump, each after those that it refers to. Locks are of
// running processes and not in it.
var dumpTables = []string{"jobs", "questions", "feedback", "access_keys", "audit", "budgets", "gap_marks"}

// dumpHead is the first line of a dump.
type dumpHead struct {
	Version int `json:"version"` // of the tables
}

// dumpRow is each other line.
type dumpRow struct {
	Table string         `json:"table"`
	Row   map[string]any `json:"row"` // by column
}

// ErrNotEmpty means that a state that is to be loaded holds something already.
var ErrNotEmpty = errors.New("the state holds questions, jobs or keys already: restore with --replace, into another --state, or --without-state")

// Dump writes everything that the state holds, as lines of JSON that do not depend on the
// database, and returns the number of rows. Nobody changes the state meanwhile.
func (d *DB) Dump(ctx context.Context, w io.Writer) (rows int, err error) {
	out := json.NewEncoder(w)
	err = d.tryTx(ctx, func(tx *sql.Tx) error {
		if err := out.Encode(dumpHead{len(migrations)}); err != nil {
			return err
		}
		for _, table := range dumpTables {
			n, err := dumpTable(ctx, tx, table, out)
			if err != nil {
				return err
			}
			rows += n
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("state: dump: %w", err)
	}
	return rows, nil
}

func dumpTable(ctx context.Context, tx *sql.Tx, table string, out *json.Encoder) (n int, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT * FROM `+table)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.ColumnTypes()
	if err != nil {
		return 0, err
	}
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for ; rows.Next(); n++ {
		if err := rows.Scan(targets...); err != nil {
			return n, err
		}
		row := dumpRow{table, make(map[string]any, len(columns))}
		for i, c := range columns {
			v := values[i]
			switch x := v.(type) {
			case []byte:
				v = string(x)
			case int64:
				if c.DatabaseTypeName() == "BOOLEAN" { // in SQLite
					v = x != 0
				}
			}
			row.Row[c.Name()] = v
		}
		if err := out.Encode(row); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

// A Load says how a dump is loaded.
type Load struct {
	Replace bool   // remove what the state holds; else it must be empty
	From    string // name of an index in the dump, as in [Question.Index]
	To      string // its name in the state
}

// Load puts a dump into the state, and returns the number of rows. If the state must be
// empty and is not, the error is [ErrNotEmpty]. If Load fails, the state is as it was.
func (d *DB) Load(ctx context.Context, r io.Reader, how Load) (rows int, err error) {
	in := json.NewDecoder(r)
	in.UseNumber()
	var head dumpHead
	if err := in.Decode(&head); err != nil {
		return 0, fmt.Errorf("state: load: %w", err)
	}
	if head.Version < 1 || head.Version > len(migrations) {
		return 0, fmt.Errorf("state: load: its tables are of version %d, and this Citewell knows %d: use a newer Citewell", head.Version, len(migrations))
	}
	err = d.tryTx(ctx, func(tx *sql.Tx) error {
		if err := d.empty(ctx, tx, head.Version, how.Replace); err != nil {
			return err
		}
		if rows, err = loadRows(ctx, tx, in, how); err != nil {
			return err
		}
		return d.migrateTo(ctx, tx, head.Version, len(migrations))
	})
	if err != nil {
		return 0, fmt.Errorf("state: load: %w", err)
	}
	return rows, nil
}

// empty removes all rows, and gives the tables the form of a version. Without replace the
// tables must be empty.
func (d *DB) empty(ctx context.Context, tx *sql.Tx, version int, replace bool) error {
	for _, table := range slices.Backward(dumpTables) {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM `+table).Scan(&n); err != nil {
			return err
		}
		if n > 0 && !replace {
			return ErrNotEmpty
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+table); err != nil {
			return err
		}
	}
	if version == len(migrations) {
		return nil
	}
	for _, table := range slices.Backward(append([]string{"citewell_state", "lock_holders"}, dumpTables...)) {
		if _, err := tx.ExecContext(ctx, `DROP TABLE `+table); err != nil {
			return err
		}
	}
	if _, err := versionIn(ctx, tx); err != nil {
		return err
	}
	return d.migrateTo(ctx, tx, 0, version)
}

// loadRows inserts the rows of a dump.
func loadRows(ctx context.Context, tx *sql.Tx, in *json.Decoder, how Load) (n int, err error) {
	for ; ; n++ {
		var row dumpRow
		if err := in.Decode(&row); errors.Is(err, io.EOF) {
			return n, nil
		} else if err != nil {
			return n, err
		}
		if !slices.Contains(dumpTables, row.Table) {
			return n, fmt.Errorf("there is no table %.100q", row.Table)
		}
		if name, ok := row.Row["index_name"]; ok && name == how.From {
			row.Row["index_name"] = how.To
		}
		if err := insertRow(ctx, tx, row); err != nil {
			return n, fmt.Errorf("row %d: %w", n+1, err)
		}
	}
}

func insertRow(ctx context.Context, tx *sql.Tx, row dumpRow) error {
	var names, marks []string
	var values []any
	for name, v := range row.Row {
		if !columnName(name) {
			return fmt.Errorf("%.100q is not the name of a column", name)
		}
		names, marks = append(names, name), append(marks, fmt.Sprintf("$%d", len(names)+1))
		values = append(values, fromJSON(v))
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO `+row.Table+` (`+strings.Join(names, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`, values...)
	return err
}

// columnName reports whether a name can stand in a statement as it is.
func columnName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == ""
}

// fromJSON returns a decoded value as a database takes it.
func fromJSON(v any) any {
	n, ok := v.(json.Number)
	if !ok {
		return v
	}
	if i, err := n.Int64(); err == nil {
		return i
	}
	f, _ := n.Float64() // JSON has no other numbers
	return f
}
