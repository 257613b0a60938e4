package web_test

import (
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/citewell/citewell/answer"
	"github.com/citewell/citewell/internal/nginxtest"
	"github.com/citewell/citewell/retrieve"
	"github.com/citewell/citewell/server"
	"github.com/citewell/citewell/server/web"
)

// asked is what answers and keeps votes.
type asked struct{}

func (asked) Answer(_ context.Context, q answer.Question) (*answer.Answer, error) {
	return &answer.Answer{Answer: "You asked: " + q.Text, Answered: true}, nil
}

func (a asked) Stream(ctx context.Context, q answer.Question, _ func(answer.Event) error) (*answer.Answer, error) {
	return a.Answer(ctx, q)
}

func (asked) Retrieve(context.Context, retrieve.Query) (*retrieve.Result, error) {
	return &retrieve.Result{}, nil
}

func (asked) Vote(context.Context, string, int, string) error { return nil }

// TestPageBehindProxy checks that the page asks and votes behind nginx under a path,
// over plain http, where browsers send the Origin alone; and that the same page
// under another host name does not.
func TestPageBehindProxy(t *testing.T) {
	const own, evil = "help.example.com", "evil.example"
	// Every host name is this machine.
	ctx, _ := web.Browser(t, chromedp.Flag("host-resolver-rules", "MAP * 127.0.0.1"))
	h, err := server.Handler(server.Config{Answerer: asked{}, Retriever: asked{}, Ready: func(context.Context) error { return nil }, Voter: asked{}, AllowedHosts: []string{own}})
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(h)
	defer ts.Close()
	for name, host := range map[string]string{"plain": "", "Host": "proxy_set_header Host $http_host;", "Host without port": "proxy_set_header Host $host;"} {
		addr := nginxtest.Start(t, fmt.Sprintf("location /help/ { proxy_pass %s/; proxy_buffering off; %s }", ts.URL, host))
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			t.Fatal(err)
		}
		for site, want := range map[string]string{own: "#answer", "127.0.0.1": "#answer", evil: "#error-message"} {
			if site == evil && host != "" {
				continue // the page itself is refused: server.TestAccess
			}
			t.Run(name+", "+site, func(t *testing.T) {
				said, err := ask(ctx, "http://"+site+":"+port+"/help/", want)
				if err != nil {
					t.Fatal(err)
				}
				if site == evil && !strings.Contains(said, "pages of other sites") || site != evil && !strings.Contains(said, "You asked: why") {
					t.Errorf("the page says %q", said)
				}
			})
		}
	}
}

// ask asks the page at an address and returns the text of an element when it is
// shown. If there is an answer, it also votes.
func ask(ctx context.Context, address, element string) (string, error) {
	err := chromedp.Do(ctx, chromedp.Navigate(address), chromedp.WaitReady("#question"),
		chromedp.SendKeys("#question", "why"+kb.Enter), chromedp.WaitVisible(element))
	if err != nil {
		return "", err
	}
	if element == "#answer" {
		if err := chromedp.Do(ctx, chromedp.WaitVisible("#facts"), chromedp.Click(".vote")); err != nil {
			return "", err
		}
		if _, err := chromedp.Run(ctx, chromedp.Poll[bool](`document.getElementById("feedback-note").textContent !== ""`)); err != nil {
			return "", err
		}
	}
	return chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q).innerText + document.getElementById('feedback-note').textContent", element)))
}
