package index

import (
	"slices"
	"testing"
)

func TestVersions(t *testing.T) {
	for _, tt := range []struct {
		versions []string
		stored   string
	}{
		{nil, ""},
		{[]string{"2.0"}, ",2.0,"},
		{[]string{"stable", "2.0", "1.0"}, ",stable,2.0,1.0,"},
	} {
		if got := JoinVersions(tt.versions); got != tt.stored {
			t.Errorf("JoinVersions(%q) = %q, want %q", tt.versions, got, tt.stored)
		}
		if got := SplitVersions(tt.stored); !slices.Equal(got, tt.versions) {
			t.Errorf("SplitVersions(%q) = %q, want %q", tt.stored, got, tt.versions)
		}
		for _, v := range []string{"1.0", "2.0", "0", "stable", "2"} {
			if got, want := HasVersion(tt.stored, v), slices.Contains(tt.versions, v); got != want {
				t.Errorf("HasVersion(%q, %q) = %v, want %v", tt.stored, v, got, want)
			}
		}
	}
}
