package extractive

import "testing"

func TestNames(t *testing.T) {
	for _, tt := range []struct {
		question, term string
		want           bool
	}{
		{"What does work_mem control?", "work_mem (integer)", true},
		{"What does `WORK_MEM` control?", "work_mem (integer)", true},
		{"What does work_mem control?", "autovacuum_work_mem (integer)", false},
		{"What does git clean -x do?", "-x", true},
		{"What does git clean -x do?", "-X", false},
		{"How do I use --quiet?", "-q, --quiet", true},
		{"What does stash pop do?", "pop [--index] [-q|--quiet] [<stash>]", true},
		{"What to do before I leave?", "Before you leave", false},
		{"What is steam?", "", false},
	} {
		q := newQuery(tt.question, "en", nil)
		if got := q.namesTerm(tt.term); got != tt.want {
			t.Errorf("%q names %q = %t, want %t", tt.question, tt.term, got, tt.want)
		}
	}
}
