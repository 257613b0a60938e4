package state

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/citewell/citewell/internal/sqlitefile"
)

// validateTables returns an error if a SQLite file holds the tables of another
// program, such as Milvus Lite, and none of this package. It changes nothing, and
// leaves a file that it can't read to [DB.prepare].
func validateTables(file string) error {
	names, err := sqlitefile.Tables(context.Background(), file)
	if err != nil || len(names) == 0 || slices.Contains(names, "citewell_state") {
		return nil
	}
	return fmt.Errorf("it is the database of another program or an index (tables: %.200s): give another file", strings.Join(names, ", "))
}
