package evalset

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadAskedRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"empty":           {"", "first line"},
		"no columns":      {"What is it?,https://e.example/\n", "name the columns question and expected"},
		"no rows":         {"question,expected\n", "has no questions"},
		"no question":     {"question,expected\n,https://e.example/\n", "line 2"},
		"nothing":         {"question,expected\nWhat?,x\nWhat?,\n", "line 3 of"},
		"both":            {"question,expected,unanswerable\nWhat?,x,yes\n", "but something is expected"},
		"neither yes, no": {"question,expected,unanswerable\nWhat?,x,maybe\n", "want yes or no"},
	} {
		file := filepath.Join(t.TempDir(), "q.csv")
		if err := os.WriteFile(file, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadAsked(file); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}
