package web_test

import (
	"fmt"
	"net"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/citewell/citewell/internal/nginxtest"
	"github.com/citewell/citewell/server"
	"github.com/citewell/citewell/server/web"
)

// TestPageBehindProxy checks that the page asks and votes behind nginx under a path,
// over plain http, where browsers send the Origin alone; and that the same page
// under another host name does not.
func TestPageBehindProxy(t *testing.T) {
	const own, evil = "help.example.com", "evil.example"
	ts := newSite(t, web.Settings{}, func(c *server.Config) { c.AllowedHosts = []string{own} })
	for name, host := range map[string]string{"plain": "", "Host": "proxy_set_header Host $http_host;", "Host without port": "proxy_set_header Host $host;"} {
		addr := nginxtest.Start(t, fmt.Sprintf("location /help/ { proxy_pass %s/; proxy_buffering off; %s }", ts.URL, host))
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			t.Fatal(err)
		}
		for site, want := range map[string]string{own: "You asked: why", "127.0.0.1": "You asked: why", evil: "pages of other sites"} {
			if site == evil && host != "" {
				continue // the page itself is refused: server.TestAccess
			}
			t.Run(name+", "+site, func(t *testing.T) {
				b := newTab(t)
				b.open("http://" + site + ":" + port + "/help/")
				b.answered("why")
				b.shows(last+".innerText", want)
				if site != evil {
					b.do(chromedp.Click(chromedp.CSS(".vote")))
					b.until(last + ".innerText.includes('Thank you.')")
				}
			})
		}
	}
}

// TestAdminBehindProxy checks that a session holds behind nginx under a path of which the
// server knows nothing.
func TestAdminBehindProxy(t *testing.T) {
	s, _, _, secret := newAdmin(t)
	b := newTab(t)
	b.do(chromedp.Navigate("http://" + nginxtest.Start(t, fmt.Sprintf("location /help/ { proxy_pass %s/; }", s.URL)) + "/help/admin"))
	b.signIn(secret)
	b.until("document.querySelectorAll('tbody tr').length === 1")
	b.do(chromedp.Reload())
	b.until("document.querySelectorAll('tbody tr').length === 1")
	b.do(chromedp.Click(chromedp.CSS("nav button")), chromedp.WaitReady(chromedp.CSS("input[name=key]")))
	b.do(chromedp.Reload(), chromedp.WaitReady(chromedp.CSS("input[name=key]")))
}
