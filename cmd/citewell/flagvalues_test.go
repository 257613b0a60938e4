package main

import "testing"

func TestSpan(t *testing.T) {
	for _, tt := range []struct {
		in, want string // want "" means an error
	}{
		{"90d", "90d"}, {"12h", "12h0m0s"}, {"48h", "2d"}, {"0", "0"}, {"0d", "0"}, {"1h30m", "1h30m0s"},
		{"-1d", ""}, {"-1h", ""}, {"90", ""}, {"d", ""}, {"1.5d", ""}, {"99999999d", ""}, {"", ""},
	} {
		var s span
		err := s.Set(tt.in)
		if (err == nil) != (tt.want != "") || err == nil && s.String() != tt.want {
			t.Errorf("span %q = %v, %v, want %q", tt.in, &s, err, tt.want)
		}
	}
}
