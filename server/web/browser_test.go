package web_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var shots = flag.String("shots", "", "folder to write screenshots to")

// chromium is the one browser of the tests; each test has a tab of its own. Every host
// name is this machine, so that no request leaves it.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, err
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 900),
		chromedp.Flag("host-resolver-rules", "MAP * 127.0.0.1"), chromedp.Flag("lang", "en-US"))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancelTab := chromedp.NewContext(ctx)
	closeBrowser = func() {
		_ = chromedp.Cancel(ctx) // waits until the browser has ended
		cancelTab()
		cancel()
	}
	return ctx, chromedp.Do(ctx)
})

var closeBrowser = func() {}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	closeBrowser()
	os.Exit(code)
}

// A tab is a tab of the browser.
type tab struct {
	*testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string // of the page: errors, refusals of its policy
	dialogs    int      // that scripts opened
	traced     []jsonv2.Value
	complete   chan struct{} // closed when all was traced
}

// newTab opens a tab. The test is skipped where there is no Chromium, unless
// CITEWELL_REQUIRE_BROWSER is set.
func newTab(t *testing.T) *tab {
	t.Helper()
	browser, err := chromium()
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CITEWELL_REQUIRE_BROWSER") == "" {
		t.Skip("no chromium")
	}
	if err != nil {
		t.Fatal(err)
	}
	b := &tab{T: t}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(func(ev any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := ev.(type) {
		case *log.EventEntryAdded:
			b.complaints = append(b.complaints, e.Entry.Text)
		case *runtime.EventExceptionThrown:
			b.complaints = append(b.complaints, e.ExceptionDetails.Text+" "+e.ExceptionDetails.Exception.Description)
		case *page.EventJavascriptDialogOpening:
			b.dialogs++
		case *tracing.EventDataCollected:
			b.traced = append(b.traced, e.Value...)
		case *tracing.EventTracingComplete:
			close(b.complete)
		}
	}))
	t.Cleanup(cancel)
	b.ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	b.width(1280)
	b.media()
	return b
}

// width sets the size of the window.
func (b *tab) width(pixels int64) {
	b.Helper()
	b.do(chromedp.EmulateViewport(pixels, 800))
}

// complained returns what the page has complained about, and forgets it.
func (b *tab) complained() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.complaints
	b.complaints = nil
	return all
}

// do runs actions in the page.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.Fatal(err)
	}
}

// shot writes a screenshot if the flag says so.
func (b *tab) shot(name string) {
	b.Helper()
	if *shots == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.Fatalf("%s: %v", name, err)
	}
	if err := os.WriteFile(filepath.Join(*shots, name+".png"), png, 0o600); err != nil {
		b.Fatal(err)
	}
}

// media sets what the reader prefers, by names and values, beside that nothing moves.
func (b *tab) media(features ...string) {
	b.Helper()
	p := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}
	for i := 0; i < len(features); i += 2 {
		p.Features = append(p.Features, &emulation.MediaFeature{Name: features[i], Value: features[i+1]})
	}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, p); err != nil {
		b.Fatal(err)
	}
}

// looks writes screenshots on a desktop and on a phone, light and dark.
func (b *tab) looks(name string) {
	b.Helper()
	if *shots == "" {
		return
	}
	for _, scheme := range []string{"light", "dark"} {
		for device, width := range map[string]int64{"desktop": 1280, "phone": 320} {
			b.width(width)
			b.media("prefers-color-scheme", scheme)
			b.shot(name + "-" + device + "-" + scheme)
		}
	}
	b.width(1280)
	b.media()
}

// eval returns the value of a JavaScript expression in the page.
func eval[T any](b *tab, expr string) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expr, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %v", expr, err)
	}
	return v
}

// until waits until a JavaScript expression is true.
func (b *tab) until(expr string) {
	b.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expr, chromedp.WithPollingTimeout(30*time.Second))); err != nil {
		b.Fatalf("not true: %s (%v)\nthe page shows: %s\nand complains: %q", expr, err, eval[string](b, "document.body.innerText"), b.complained())
	}
}

// open opens an address and waits for the box.
func (b *tab) open(address string) {
	b.Helper()
	b.do(chromedp.Navigate(address), chromedp.WaitReady(chromedp.CSS("textarea")))
}

// reload loads the page again.
func (b *tab) reload() {
	b.Helper()
	b.do(chromedp.Reload(), chromedp.WaitReady(chromedp.CSS("textarea")))
}

// ask types a question and sends it.
func (b *tab) ask(question string) {
	b.Helper()
	b.until("document.querySelector('citewell-app').running == null")
	b.do(chromedp.Focus(chromedp.CSS("textarea")))
	eval[bool](b, "document.querySelector('textarea').value = '', true")
	b.do(chromedp.SendKeys(chromedp.CSS("textarea"), question+kb.Enter))
}

// last is the newest answer.
const last = "document.querySelector('citewell-turn:last-child')"

// answered asks and waits until the answer is complete.
func (b *tab) answered(question string) {
	b.Helper()
	b.ask(question)
	b.until(fmt.Sprintf("%s?.querySelector('h2').textContent === %s && %[1]s.querySelector('.actions, .failure') !== null", last, quoted(question)))
}

// shows checks that an expression is a text that contains others.
func (b *tab) shows(expr string, want ...string) {
	b.Helper()
	got := strings.Join(strings.Fields(eval[string](b, expr)), " ")
	for _, w := range want {
		if !strings.Contains(got, w) {
			b.Errorf("%s lacks %q:\n%s", expr, w, got)
		}
	}
}

// axeSum is the checksum of testdata/axe-core/axe.min.js, from the package axe-core 4.14.1.
const axeSum = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"

var axe = sync.OnceValues(func() (string, error) {
	b, err := os.ReadFile("testdata/axe-core/axe.min.js")
	if err != nil {
		return "", err
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != axeSum {
		return "", errors.New("axe.min.js is not that of axe-core 4.14.1")
	}
	return string(b), nil
})

// accessible checks the page with axe-core; in dark only the colours.
func (b *tab) accessible(state string) {
	b.Helper()
	script, err := axe()
	if err != nil {
		b.Fatal(err)
	}
	if !eval[bool](b, "typeof axe === 'object'") {
		eval[bool](b, script+"; true")
	}
	for scheme, rules := range map[string]string{"light": "", "dark": ", runOnly: ['color-contrast']"} {
		b.media("prefers-color-scheme", scheme)
		found := eval[[]struct {
			ID, Help string
			Nodes    []struct {
				HTML           string
				FailureSummary string `json:"failureSummary"`
			}
		}](b, "axe.run(document, {resultTypes: ['violations']"+rules+"}).then((r) => JSON.parse(JSON.stringify(r.violations)))")
		for _, v := range found {
			nodes, _ := json.MarshalIndent(v.Nodes, "", " ")
			b.Errorf("%s, %s: axe finds %s: %s\n%s", state, scheme, v.ID, v.Help, nodes)
		}
	}
	b.media()
}
