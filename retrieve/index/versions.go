package index

import "strings"

// JoinVersions returns versions as they are stored in [Chunk].AlsoIn: ",2.0,1.0,".
func JoinVersions(versions []string) string {
	if len(versions) == 0 {
		return ""
	}
	return "," + strings.Join(versions, ",") + ","
}

// SplitVersions returns the versions of [Chunk].AlsoIn.
func SplitVersions(alsoIn string) []string {
	return strings.FieldsFunc(alsoIn, func(r rune) bool { return r == ',' })
}

// HasVersion reports whether [Chunk].AlsoIn holds a version.
func HasVersion(alsoIn, version string) bool { return strings.Contains(alsoIn, ","+version+",") }
