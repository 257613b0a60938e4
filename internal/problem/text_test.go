package problem

import "testing"

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"answer: bad query: the question is empty":                                        "bad query: the question is empty",
		"ingest: nothing was indexed: https://u:x@h/: crawl: fetch https://h/?key=x: 404": "nothing was indexed: https://REDACTED@h/: fetch https://h/?key=REDACTED: 404",
		"milvus: retrieve: embed: broken\nstate: locked":                                  "broken\nlocked",
		"the state: it is locked":                                                         "the state: it is locked",
		"POST: eval: no reply":                                                            "POST: no reply",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}
