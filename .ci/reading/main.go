// Reading compares the text that Citewell keeps of built documentation with what a
// browser shows of it.
//
//	go run ./.ci/reading [-pages 60] [-random] [-worst 3] FOLDER CHROME-SELECTOR
//
// What Chromium shows of a page, less the elements that the selector names (navigation,
// footers: what a person who looked at the site calls chrome), is the truth. The program
// prints the share of its words that Citewell does not read, and the share of the words
// that Citewell keeps, after the lines that most pages repeat are gone, that are chrome. With -random, class and id names are replaced first, so that no rule for
// a generator can help. Links to anchors are then kept.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/chromedp/chromedp"

	"github.com/citewell/citewell/ingest/boilerplate"
	"github.com/citewell/citewell/ingest/extract"
)

var (
	most    = flag.Int("pages", 60, "measure this many pages, evenly spread")
	random  = flag.Bool("random", false, "replace the names of classes and ids")
	worst   = flag.Int("worst", 3, "show what this many pages lose and keep wrongly")
	word    = regexp.MustCompile(`[\p{L}\p{N}]+`)
	refresh = regexp.MustCompile(`(?i)<meta[^>]+http-equiv="?refresh`)
	target  = regexp.MustCompile(`\]\((<[^>]*>|[^()\s]*(\([^()\s]*\)[^()\s]*)*)( "[^"]*")?\)`) // of a link
)

// page is what was measured of a page. Words are counted in lower case.
type page struct {
	path         string
	shown        string   // by the browser, without the chrome
	chrome       string   // by the browser
	all          string   // with what is hidden, without the chrome
	read         string   // what Citewell reads
	kept         string   // the same without the lines that most pages repeat
	lost, stray  []string // words that only the truth has; words of the chrome that were kept
	words, taken int      // of the truth; that were kept
}

// share returns the share of words that are lost or kept wrongly.
func (p *page) share() float64 {
	return percent(len(p.lost), p.words) + percent(len(p.stray), p.taken)
}

func main() {
	flag.Parse()
	if flag.NArg() != 2 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), flag.Arg(1)); err != nil {
		fmt.Fprintln(os.Stderr, "reading:", err)
		os.Exit(1)
	}
}

func run(folder, selector string) error {
	paths, err := pagesOf(folder)
	if err != nil {
		return err
	}
	pages := make([]*page, len(paths))
	for i, path := range paths {
		pages[i] = &page{path: path}
	}
	if err := keep(folder, pages); err != nil {
		return err
	}
	if err := show(folder, selector, pages); err != nil {
		return err
	}
	report(pages)
	return nil
}

// pagesOf returns the HTML files of the folder, at most as many as wanted. Those that lead
// to another page at once are none.
func pagesOf(folder string) ([]string, error) {
	var paths []string
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !strings.HasSuffix(path, ".html") && !strings.HasSuffix(path, ".htm") {
			return err
		}
		body, err := os.ReadFile(filepath.Join(folder, path))
		if !refresh.Match(body) {
			paths = append(paths, path)
		}
		return err
	})
	if n := len(paths); n > *most {
		chosen := make([]string, *most)
		for i := range chosen {
			chosen[i] = paths[i*n / *most]
		}
		paths = chosen
	}
	if len(paths) == 0 && err == nil {
		err = fmt.Errorf("%s has no .html file", folder)
	}
	return paths, err
}

// source returns the file, with other names if wanted.
func source(folder, path string) ([]byte, error) {
	body, err := os.ReadFile(filepath.Join(folder, path))
	if err != nil || !*random {
		return body, err
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(body)))
	if err != nil {
		return nil, err
	}
	for _, attr := range []string{"class", "id"} {
		doc.Find("[" + attr + "]").Each(func(_ int, s *goquery.Selection) {
			var names []string
			for _, name := range strings.Fields(s.AttrOr(attr, "")) {
				names = append(names, renamed(name))
			}
			s.SetAttr(attr, strings.Join(names, " "))
		})
	}
	doc.Find("a[href^='#']").Each(func(_ int, s *goquery.Selection) { s.SetAttr("href", "#"+renamed(s.AttrOr("href", "")[1:])) })
	text, err := doc.Html()
	return []byte(text), err
}

func renamed(name string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return fmt.Sprintf("x%x", h.Sum32())
}

// keep sets what Citewell reads and keeps.
func keep(folder string, pages []*page) error {
	var lines boilerplate.Collector
	for _, p := range pages {
		body, err := source(folder, p.path)
		if err != nil {
			return err
		}
		read, err := extract.Extract(body, "text/html", "https://docs.example.com/"+p.path, extract.Options{})
		if errors.Is(err, extract.ErrNoText) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.path, err)
		}
		p.read = read.Text
		lines.Add(read.Text)
	}
	repeated, _ := lines.Repeated()
	for _, p := range pages {
		p.kept = target.ReplaceAllString(repeated.Strip(p.read).Text, "]")
		p.read = target.ReplaceAllString(p.read, "]")
	}
	return nil
}

// texts returns what the browser shows of the page without the chrome, and of the chrome,
// and all text that is not chrome, which has what tabs and folded sections hide.
const texts = `(() => {
	const chrome = [...document.querySelectorAll(%s)];
	const said = chrome.map(e => e.innerText).join("\n");
	for (const e of chrome) e.remove();
	const nodes = document.body ? document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT) : null;
	const all = [];
	while (nodes?.nextNode()) all.push(nodes.currentNode.data);
	return [document.body ? document.body.innerText : "", said, all.join(" ")];
})()`

// show sets what the browser shows. Names in the selector are those of the files, so
// that the browser sees the pages as they are, without their scripts.
func show(folder, selector string, pages []*page) error {
	server := httptest.NewServer(http.FileServer(http.Dir(folder)))
	defer server.Close()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.Flag("blink-settings", "scriptEnabled=false"),
		chromedp.Flag("host-resolver-rules", "MAP * 127.0.0.1"))
	browser, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	defer cancel()
	tab, cancel := chromedp.NewContext(browser)
	defer cancel()
	if err := chromedp.Do(tab); err != nil { // which starts the browser
		return err
	}
	quoted, err := json.Marshal(selector)
	if err != nil {
		return err
	}
	for _, p := range pages {
		ctx, cancel := context.WithTimeout(tab, time.Minute)
		texts, err := look(ctx, server.URL+"/"+p.path, string(quoted))
		cancel()
		if err != nil {
			return fmt.Errorf("%s: %w", p.path, err)
		}
		p.shown, p.chrome, p.all = texts[0], texts[1], texts[2]
	}
	return nil
}

func look(ctx context.Context, address, selector string) ([3]string, error) {
	if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
		return [3]string{}, err
	}
	return chromedp.Run(ctx, chromedp.Evaluate[[3]string](fmt.Sprintf(texts, selector)))
}

func report(pages []*page) {
	var words, lost, taken, stray, above int
	for _, p := range pages {
		truth, read, kept, chrome := counts(p.shown), counts(p.read), counts(p.kept), counts(p.chrome)
		for w, n := range truth {
			p.words += n
			p.lost = append(p.lost, slices.Repeat([]string{w}, max(n-read[w], 0))...)
		}
		all := counts(p.all)
		for w, n := range kept {
			p.taken += n
			p.stray = append(p.stray, slices.Repeat([]string{w}, min(max(n-max(truth[w], all[w]), 0), chrome[w]))...)
		}
		words, lost, taken, stray = words+p.words, lost+len(p.lost), taken+p.taken, stray+len(p.stray)
		if len(p.lost)*10 > p.words {
			above++
		}
	}
	fmt.Printf("%d pages, %d words: %.2f %% lost, on %d pages above 10 %%; %.2f %% of what is kept is chrome\n",
		len(pages), words, percent(lost, words), above, percent(stray, taken))
	slices.SortStableFunc(pages, func(a, b *page) int { return cmp.Compare(b.share(), a.share()) })
	for _, p := range pages[:min(*worst, len(pages))] {
		fmt.Printf("%s\n  lost %.2f %%: %s\n  chrome %.2f %%: %s\n", p.path,
			percent(len(p.lost), p.words), some(p.lost), percent(len(p.stray), p.taken), some(p.stray))
	}
}

func counts(text string) map[string]int {
	n := map[string]int{}
	for _, w := range word.FindAllString(strings.ToLower(text), -1) {
		n[w]++
	}
	return n
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }

func some(words []string) string {
	slices.Sort(words)
	return strings.Join(words[:min(len(words), 30)], " ")
}
