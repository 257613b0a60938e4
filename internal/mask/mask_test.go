package mask

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"no address, token=abc", "no address, token=abc"},
		{"https://docs.example.com/a?page=2&lang=en#top", "https://docs.example.com/a?page=2&lang=en#top"},
		{"https://docs.example.com/@user/post", "https://docs.example.com/@user/post"},
		{"https://docs.example.com:8443/@user", "https://docs.example.com:8443/@user"},
		{"http://[::1]:80/@user", "http://[::1]:80/@user"},
		{"https://user:s3cret@host/", "https://REDACTED@host/"},
		{`read "user:s3cret@host/x": no such file`, `read "REDACTED@host/x": no such file`},
		{"write to mailto:me@host, git@host:a/b or a: b@c", "write to mailto:me@host, git@host:a/b or a: b@c"},
		{"https://s3cret@host/", "https://REDACTED@host/"},
		{"https://user:s3@cret@host/x", "https://REDACTED@host/x"},
		{"https://user:s3/cret@host/x", "https://REDACTED@host/x"},
		{"https://user:s3?cret#a@host/x", "https://REDACTED@host/x"},
		{"postgres://user:s3cret@db/x?sslmode=disable&password=s3cret", "postgres://REDACTED@db/x?sslmode=disable&password=REDACTED"},
		{"https://h/?token=s3cret", "https://h/?token=REDACTED"},
		{"https://h/?a=1&key=s3cret&b=2", "https://h/?a=1&key=REDACTED&b=2"},
		{"https://h/f?se=2026&sp=r&sig=s3%2Fcret%3D", "https://h/f?se=2026&sp=r&sig=REDACTED"},
		{"https://h/?X-Amz-Signature=s3cret&X-Amz-Credential=s3cret;x=1", "https://h/?X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED;x=1"},
		{"https://h/?API_KEY=s3cret&apiKey=s3cret&auth[token]=s3cret", "https://h/?API_KEY=REDACTED&apiKey=REDACTED&auth[token]=REDACTED"},
		{"https://h/?%74oken=s3cret", "https://h/?%74oken=REDACTED"},
		{"https://h/?next=https://u:s3cret@x/?token=s3cret", "https://h/?next=https://REDACTED@x/?token=REDACTED"},
		{"https://h/#access_token=s3cret", "https://h/#access_token=REDACTED"},
		{"https://h/?token=s3?cret&a=1", "https://h/?token=REDACTED&a=1"},
		{`Get "/x?token=s3cret": EOF`, `Get "/x?token=REDACTED": EOF`},
		{"host.example/a?api_key=s3cret: not found", "host.example/a?api_key=REDACTED: not found"},
		{"is it? yes, c# and a=b", "is it? yes, c# and a=b"},
		{"https://user:my s3cret@host/x: bad", "https://REDACTED@host/x: bad"},
		{`https://user:a"b's3cret@host/x`, "https://REDACTED@host/x"},
		{"https://host:8080 and write to me@host", "https://host:8080 and write to me@host"},
		{`get "https://host": me@host`, `get "https://host": me@host`},
		{"//user:s3cret@host/x", "//REDACTED@host/x"},
		{"https:/user:s3cret@host/x", "https:/REDACTED@host/x"},
		{`https:\/\/user:s3cret@host\/x`, `https:\/\/REDACTED@host\/x`},
		{"https://h/?next=https%3A%2F%2Fx%2F%3Ftoken%3Ds3cret&a=1", "https://h/?next=https%3A%2F%2Fx%2F%3Ftoken%3DREDACTED&a=1"},
		{"https://h/?next=https%3A%2F%2Fu%3As3cret%40x%2F", "https://h/?next=https%3A%2F%2FREDACTED%40x%2F"},
		{"https://h/?q=a%20b%26c", "https://h/?q=a%20b%26c"},
		{"https://h/?token=", "https://h/?token="},
		{"https://h/?design=1&keyword=x&monkeys=2", "https://h/?design=1&keyword=x&monkeys=2"},
		{`parse "https://u:s3cret@h/%zz": bad, https://h/?sig=s3cret: not found (https://h/?sig=s3cret).`,
			`parse "https://REDACTED@h/%zz": bad, https://h/?sig=REDACTED: not found (https://h/?sig=REDACTED).`},
	} {
		if got := Text(tt.in); got != tt.want {
			t.Errorf("Text(%q) =\n%q, want\n%q", tt.in, got, tt.want)
		}
	}
}

func TestJSON(t *testing.T) {
	in := `{"targets":["https://h/?a=1\u0026token=s3cret","b"],"max_pages":5,"rate":2.50,"inside":{"canonical_base":"https://u:s3cret@h/"}}`
	want := `{"inside":{"canonical_base":"https://REDACTED@h/"},"max_pages":5,"rate":2.50,"targets":["https://h/?a=1\u0026token=REDACTED","b"]}`
	if got := string(JSON(json.RawMessage(in))); got != want {
		t.Errorf("JSON = %s, want %s", got, want)
	}
	for in, want := range map[string]string{"": "", `{"a":1}`: `{"a":1}`, `["user:s3cret@host/x"]`: `["REDACTED@host/x"]`, `{"a":"https://`: ""} {
		if got := string(JSON(json.RawMessage(in))); got != want {
			t.Errorf("JSON(%s) = %s, want %s", in, got, want)
		}
	}
}

// FuzzText checks that no secret of an address is left, and that masking twice
// changes nothing.
func FuzzText(f *testing.F) {
	f.Add("before ", "/path?a=1&", " after")
	f.Add(`"`, "/#", `": x`)
	f.Fuzz(func(t *testing.T, before, path, after string) {
		const secret = "5ecre7"
		if strings.Contains(before+path+after, secret) || strings.ContainsAny(path, " \t\r\n\v\f\"'<>`@\u0085\u00a0") {
			t.Skip()
		}
		got := Text(before + " https://user:" + secret + "@host" + path + "?token=" + secret + " " + after)
		if strings.Contains(got, secret) {
			t.Errorf("%q holds the secret", got)
		}
		if again := Text(got); again != got {
			t.Errorf("masked twice: %q, once: %q", again, got)
		}
	})
}
