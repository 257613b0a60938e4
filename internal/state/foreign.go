package state

import (
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// validateTables returns an error if a SQLite file holds the tables of another
// program, such as Milvus Lite, and none of this package. It changes nothing, and
// leaves a file that it can't read to [DB.prepare].
func validateTables(file string) error {
	// immutable: no lock, and no other file is created or read.
	db, err := sql.Open("sqlite", sqliteURI(file, url.Values{"mode": {"ro"}, "immutable": {"1"}}))
	if err != nil {
		return nil
	}
	defer func() { _ = db.Close() }() // nothing was written
	rows, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
	if err != nil {
		return nil
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil
		}
		names = append(names, name)
	}
	if rows.Err() != nil || len(names) == 0 || slices.Contains(names, "citewell_state") {
		return nil
	}
	return fmt.Errorf("it is the database of another program or an index (tables: %.200s): give another file", strings.Join(names, ", "))
}
