package gaps

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/citewell/citewell/embed"
	"github.com/citewell/citewell/embed/minilm"
)

// turned returns two-dimensional vectors at these angles, in degrees.
func turned(degrees ...float64) []embed.Vector {
	var out []embed.Vector
	for _, d := range degrees {
		s, c := math.Sincos(d * math.Pi / 180)
		out = append(out, embed.Vector{float32(c), float32(s)})
	}
	return out
}

func TestCluster(t *testing.T) {
	for _, tt := range []struct {
		name    string
		vectors []embed.Vector
		alike   float64
		want    [][]int
	}{
		{"none", nil, 0.5, [][]int{}},
		{"one", turned(10), 0.5, [][]int{{0}}},
		{"two groups, the middle one first", turned(0, 90, 20, 100, 10), 0.8, [][]int{{4, 0, 2}, {1, 3}}},
		{"too far apart", turned(0, 60, 120), 0.6, [][]int{{0}, {1}, {2}}},
		{"at the threshold", turned(0, 0, 0), 1, [][]int{{0, 1, 2}}},
		// 0 and 40 are alike by 0.77, and 40 and 80; but 80 and both by 0.47 only.
		{"a chain is no group", turned(0, 40, 81), 0.6, [][]int{{0, 1}, {2}}},
		{"all in one", turned(0, 40, 81), 0.4, [][]int{{1, 0, 2}}},
		{"opposites", turned(0, 180), -0.5, [][]int{{0}, {1}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, cluster(tt.vectors, tt.alike)); diff != "" {
				t.Errorf("Cluster (-want +got):\n%s", diff)
			}
		})
	}
}

// TestClusterIsAverageLinkage compares with average linkage by its definition.
func TestClusterIsAverageLinkage(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range 50 {
		vectors := make([]embed.Vector, 1+rnd.IntN(30))
		for i := range vectors {
			v, norm := make(embed.Vector, 5), 0.0
			for k := range v {
				v[k] = float32(rnd.NormFloat64())
				norm += float64(v[k]) * float64(v[k])
			}
			for k := range v {
				v[k] /= float32(math.Sqrt(norm))
			}
			vectors[i] = v
		}
		alike := rnd.Float64()
		got := cluster(vectors, alike)
		for _, g := range got {
			slices.Sort(g)
		}
		if diff := cmp.Diff(stepwise(vectors, alike), got); diff != "" {
			t.Fatalf("round %d (-by the definition +Cluster):\n%s", round, diff)
		}
	}
}

// stepwise repeatedly merges the two most similar groups.
func stepwise(vectors []embed.Vector, alike float64) [][]int {
	var groups [][]int
	for i := range vectors {
		groups = append(groups, []int{i})
	}
	mean := func(a, b []int) float64 {
		sum := 0.0
		for _, i := range a {
			for _, j := range b {
				for k := range vectors[i] {
					sum += float64(vectors[i][k]) * float64(vectors[j][k])
				}
			}
		}
		return sum / float64(len(a)*len(b))
	}
	for {
		a, b, most := -1, -1, alike
		for i := range groups {
			for j := range i {
				if m := mean(groups[i], groups[j]); m >= most {
					a, b, most = j, i, m
				}
			}
		}
		if a < 0 {
			return groups
		}
		groups[a] = append(groups[a], groups[b]...)
		slices.Sort(groups[a])
		groups = slices.Delete(groups, b, b+1)
	}
}

// subjects are wordings of one question each.
var subjects = [][]string{
	{"How do I rotate my API key?", "Can I replace an API key that leaked?", "api key rotation", "What is the procedure for renewing API keys?"},
	{"How much does the service cost?", "What are the prices?", "pricing per month", "Is there a free plan, or do I have to pay?"},
	{"Does it run on Windows?", "Is Windows supported?", "install on windows 11", "Can I use this on a Windows machine?"},
	{"How do I export my data as CSV?", "csv export", "Can I download everything as a CSV file?", "Is it possible to export the table to CSV?"},
	{"How do I enable dark mode?", "dark theme", "Can I switch the interface to a dark theme?", "Where is the setting for dark mode?"},
	{"What is the rate limit of the API?", "How many requests per minute may I send?", "api rate limits", "I get error 429, too many requests: what is the limit?"},
	{"How do I set up single sign-on with Okta?", "okta sso", "Does it support SAML single sign-on?", "Can my company log in with SSO through Okta?"},
	{"How do I back up the database?", "database backup", "What is the recommended way to make backups of the database?", "Can I schedule backups of my database?"},
	{"Where are the log files?", "log file location", "In which folder are logs written?", "How do I find the logs of the server?"},
	{"How do I delete my account?", "close account", "Can I remove my account permanently?", "account deletion"},
	{"How do webhooks work?", "webhook setup", "Can I get a webhook when a document changes?", "What does the payload of a webhook look like?"},
	{"Which languages are supported for translation?", "translation languages", "Can it translate into Japanese?", "What languages can I translate to?"},
	{"How do I upgrade to the next major version?", "upgrade guide", "migration from version 1 to version 2", "What breaks when I upgrade to version 2?"},
	{"How do I run it behind a proxy?", "http proxy settings", "Can I configure a corporate proxy?", "proxy server configuration"},
	{"How can I reset my password?", "forgot password", "I can't remember my password, what now?", "password reset email does not arrive"},
}

// TestSubjects measures how well vectors of questions are grouped by subject.
// [DefaultSimilarity] was chosen by it.
func TestSubjects(t *testing.T) {
	m, err := minilm.Open(t.Context(), minilm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	var texts []string
	for _, s := range subjects {
		texts = append(texts, s...)
	}
	vectors, err := m.Embed(t.Context(), texts, embed.Query)
	if err != nil {
		t.Fatal(err)
	}
	const each = 4
	for _, alike := range []float64{0.45, 0.5, 0.55, 0.6, 0.65} {
		grouped, mixed := measure(cluster(vectors, alike), each)
		t.Logf("at %.2f: %d of %d questions in the largest group of their subject, %d with another subject", alike, grouped, len(texts), mixed)
		if alike == DefaultSimilarity && (grouped < 50 || mixed > 0) {
			t.Errorf("at %v, want 50 at least, and none with another subject", alike)
		}
	}
}

// measure counts the questions in the largest group of their subject, and those
// in groups that belong to another one.
func measure(groups [][]int, each int) (grouped, mixed int) {
	largest := map[int]int{}
	for _, g := range groups {
		count := map[int]int{}
		for _, i := range g {
			count[i/each]++
		}
		most := 0
		for s, n := range count {
			largest[s] = max(largest[s], n)
			most = max(most, n)
		}
		mixed += len(g) - most
	}
	for _, n := range largest {
		grouped += n
	}
	return grouped, mixed
}
