// Package sqlitefile names SQLite files for the driver, and looks at them. It registers
// the driver "sqlite".
package sqlitefile

import (
	"context"
	"database/sql"
	"net/url"

	_ "modernc.org/sqlite" // driver "sqlite"
)

// URI returns the name of a file's database for the driver, with the parameters q.
func URI(file string, q url.Values) string {
	return "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + q.Encode()
}

// Tables returns the names of the tables in a file, in order. It takes no lock, and
// creates and reads no other file; what another process writes at the time may be
// missing.
func Tables(ctx context.Context, file string) ([]string, error) {
	db, err := sql.Open("sqlite", URI(file, url.Values{"mode": {"ro"}, "immutable": {"1"}}))
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }() // nothing was written
	rows, err := db.QueryContext(ctx, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}
