//go:build !linux && !darwin

package lite

// TryLock does not exist on this system.
//
// Unreachable: Open never returns a Lite.
func (*Lite) TryLock(string, string) (*Lock, string, error) { return nil, "", nil }
