package lite

import (
	"errors"
	"os"
)

// maxNoteBytes is the most that is read of the note of a [Lock].
const maxNoteBytes = 1 << 12

// A Lock is a lock beside the file; see [Lite.TryLock].
type Lock struct{ file *os.File }

// Release releases the lock. The file stays: another process may have it open.
func (l *Lock) Release() error {
	return errors.Join(l.file.Truncate(0), l.file.Close())
}
