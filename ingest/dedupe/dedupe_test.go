package dedupe_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/ingest/dedupe"
)

func TestClaimOf(t *testing.T) {
	const page = "https://example.com/a"
	for _, tt := range []struct {
		name, canonical string
		want            dedupe.Claim
	}{
		{"none", "", dedupe.ClaimsNothing},
		{"itself", page, dedupe.ClaimsItself},
		{"another page", "https://example.com/b", dedupe.ClaimsAnother},
		{"another host", "https://example.org/a", dedupe.ClaimsNothing},
		{"another port", "https://example.com:8443/a", dedupe.ClaimsNothing},
		{"not a URL", "https://exa mple.com/%", dedupe.ClaimsNothing},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := dedupe.ClaimOf(page, tt.canonical); got != tt.want {
				t.Errorf("ClaimOf(%s, %q) = %d, want %d", page, tt.canonical, got, tt.want)
			}
		})
	}
}

func TestHashOf(t *testing.T) {
	all := []dedupe.Hash{dedupe.HashOf("title", "text"), dedupe.HashOf("other title", "text"), dedupe.HashOf("title", "other text")}
	for i, h := range all {
		if h == 0 || h == all[(i+1)%len(all)] {
			t.Errorf("hashes = %x, want three that differ", all)
		}
	}
	if h := dedupe.HashOf("title", ""); h != 0 {
		t.Errorf("HashOf of no text = %x, want 0", h)
	}
}

// TestPrimary adds each set of equal pages in every order.
func TestPrimary(t *testing.T) {
	self, nothing, another := dedupe.ClaimsItself, dedupe.ClaimsNothing, dedupe.ClaimsAnother
	for _, tt := range []struct {
		name  string
		pages []dedupe.Page
		want  string
	}{
		{"one page", []dedupe.Page{{URL: "/a", Claim: another}}, "/a"},
		{"shortest URL", []dedupe.Page{{URL: "/a/b", Claim: nothing}, {URL: "/z", Claim: nothing}, {URL: "/a/long", Claim: nothing}}, "/z"},
		{"alphabet", []dedupe.Page{{URL: "/c", Claim: nothing}, {URL: "/b", Claim: nothing}, {URL: "/d", Claim: nothing}}, "/b"},
		{"claims itself", []dedupe.Page{{URL: "/a", Claim: nothing}, {URL: "/long/name", Claim: self}, {URL: "/b", Claim: another}}, "/long/name"},
		{"names another page", []dedupe.Page{{URL: "/a", Claim: another}, {URL: "/long/name", Claim: nothing}}, "/long/name"},
		{"two claim themselves", []dedupe.Page{{URL: "/b", Claim: self}, {URL: "/a", Claim: self}}, "/a"},
		{"all name another page", []dedupe.Page{{URL: "/b", Claim: another}, {URL: "/a", Claim: another}}, "/a"},
		{"what the index has does not count", []dedupe.Page{{URL: "/a", Claim: nothing, StoredAsDuplicate: true}, {URL: "/b", Claim: nothing}}, "/a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, order := range orders(len(tt.pages)) {
				var g dedupe.Groups
				key := dedupe.Key{Hash: 1, Target: 2}
				current := ""
				for _, i := range order {
					displaced, primary := g.Add(key, tt.pages[i])
					if displaced != nil && displaced.URL != current || displaced == nil && primary && current != "" {
						t.Errorf("Add(%s) displaces %v, want %s", tt.pages[i].URL, displaced, current)
					}
					if primary {
						current = tt.pages[i].URL
					}
				}
				if got := g.Primary(key).URL; got != tt.want || got != current {
					t.Errorf("in the order %v the primary is %s, and Add said %s; want %s", order, got, current, tt.want)
				}
			}
		})
	}
}

func TestGroupsAreApart(t *testing.T) {
	var g dedupe.Groups
	want := map[dedupe.Key]dedupe.Page{
		{Hash: 1, Target: 0}: {URL: "/a"},
		{Hash: 1, Target: 1}: {URL: "/b"},
		{Hash: 2, Target: 0}: {URL: "/c", Seq: 7},
	}
	for key, p := range want {
		if displaced, primary := g.Add(key, p); displaced != nil || !primary {
			t.Errorf("Add(%v) = %v, %v, want the first of its group", key, displaced, primary)
		}
	}
	got := map[dedupe.Key]dedupe.Page{}
	for key, p := range g.Primaries() {
		got[key] = p
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Primaries (-want +got):\n%s", diff)
	}
	if p := g.Primary(dedupe.Key{Hash: 3}); p != (dedupe.Page{}) {
		t.Errorf("Primary of an empty group = %+v, want the zero Page", p)
	}
}

// orders returns all orders of n things.
func orders(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var out [][]int
	for _, rest := range orders(n - 1) {
		for at := range n {
			order := append(append(append([]int{}, rest[:at]...), n-1), rest[at:]...)
			out = append(out, order)
		}
	}
	return out
}
