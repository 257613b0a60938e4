package folder

import (
	"path/filepath"
	"strings"
)

// origin names the folder among all that an index holds. It does not depend on where the
// folder lies if its files are cited by addresses: a checkout may be elsewhere each time.
func (l *lister) origin() string {
	if l.base == nil {
		return strings.ToValidUTF8(filepath.ToSlash(filepath.Clean(l.target)), "-")
	}
	top := l.top
	if abs, err := filepath.Abs(top); err == nil {
		top = abs
	}
	return strings.ToValidUTF8(filepath.Base(top), "-") + " at " + l.base.String()
}
