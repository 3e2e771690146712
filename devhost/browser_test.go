package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/internal/testkit"
)

// envScreenshots is the variable that names the folder for screenshots.
const envScreenshots = "SCREENSHOTS"

// browser is a tab with the page in a real browser.
type browser struct {
	t   *testing.T
	ctx context.Context
}

// chromium returns the path of the browser. Without a browser the test is skipped,
// except in CI.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	testkit.Skip(t, "there is no Chromium or Chrome on the PATH: the page is not tested in a browser (on Debian: apt-get install chromium)")
	return ""
}

// startBrowser starts a browser until the test ends.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WSURLReadTimeout(time.Minute))
	allocated, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(cancel)
	testkit.Must(t, chromedp.Do(ctx)) // starts the browser
	return ctx
}

// open opens the page of a platform in a new tab. Errors and warnings on the
// page's console fail the test.
func open(t *testing.T, started context.Context, p *platform.Platform, width, height int64) *browser {
	t.Helper()
	ctx, cancel := chromedp.NewContext(started)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	b := &browser{t, ctx}
	testkit.Must(t, chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the page: %s %+v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception)
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
				t.Errorf("the page's console: %s", e.Args[0].Value)
			}
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError {
				t.Errorf("the browser: %s %s", e.Entry.Text, e.Entry.URL)
			}
		}
	}))
	b.do(chromedp.EmulateViewport(width, height), chromedp.Navigate(p.URL()+"/"))
	b.wait(`document.getElementById("connection").dataset.state === "live"`)
	return b
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	testkit.Must(b.t, chromedp.Do(b.ctx, actions...))
}

// evaluate returns the value of a JavaScript expression.
func evaluate[T any](b *browser, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	testkit.Must(b.t, err)
	return value
}

// wait waits until an expression is true.
func (b *browser) wait(expression string) {
	b.t.Helper()
	if !b.becomes(expression, 20*time.Second) {
		b.shot("failed")
		b.t.Fatalf("it never becomes true: %s\nthe page shows:\n%s", expression, evaluate[string](b, `document.body.innerText`))
	}
}

func (b *browser) becomes(expression string, within time.Duration) bool {
	b.t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if evaluate[bool](b, "Boolean("+expression+")") {
			return true
		}
	}
	return false
}

// shows waits until a part of the page shows texts.
func (b *browser) shows(selector string, texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		b.wait(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((part) => part.innerText.includes(%q))`, selector, text))
	}
}

// click clicks the element that a selector finds, as a user does.
func (b *browser) click(selector string) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`document.querySelector(%q)`, selector))
	b.clickNode(selector, func() {})
}

// clickNode clicks an element that mark prepares. The page may draw the element
// again before the click: then the element is prepared and found again.
func (b *browser) clickNode(selector string, mark func()) {
	b.t.Helper()
	const attempts = 20
	for attempt := 1; ; attempt++ {
		mark()
		ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
		err := chromedp.Do(ctx, chromedp.ScrollIntoView(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
		cancel()
		if err == nil {
			return
		}
		if attempt == attempts || !strings.Contains(err.Error(), "Could not find node") && !errors.Is(err, context.DeadlineExceeded) {
			b.t.Fatal(err)
		}
	}
}

// press clicks the button with a name in a part of the page.
func (b *browser) press(part, name string) {
	b.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll(%q)].flatMap((part) => [...part.querySelectorAll("button, summary")]).find((button) => !button.hidden && (button.innerText.trim() === %q || button.getAttribute("aria-label") === %q))`, part, name, name)
	b.wait(find)
	b.clickNode("[data-pressed]", func() {
		evaluate[bool](b, `(() => { (`+find+`)?.setAttribute("data-pressed", ""); return true; })()`)
	})
	evaluate[bool](b, `(() => { document.querySelector("[data-pressed]")?.removeAttribute("data-pressed"); return true; })()`)
}

// set sets the value of a field, as a user does by choosing or typing one.
func (b *browser) set(selector, value string) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`document.querySelector(%q)`, selector))
	evaluate[bool](b, fmt.Sprintf(`(() => {
		const field = document.querySelector(%q);
		field.focus();
		if (field.type === "checkbox") { if (field.checked !== (%[2]q === "true")) field.click(); return true; }
		field.value = %[2]q;
		field.dispatchEvent(new Event("input", { bubbles: true }));
		field.dispatchEvent(new Event("change", { bubbles: true }));
		field.blur();
		return true;
	})()`, selector, value))
}

// write writes a message and sends it with the Enter key.
func (b *browser) write(text string) {
	b.t.Helper()
	b.set("#text", "")
	b.do(chromedp.SendKeys(chromedp.CSS("#text"), text+"\r"))
}

// shot saves a screenshot of the page where CI collects it.
func (b *browser) shot(name string) {
	b.t.Helper()
	folder := os.Getenv(envScreenshots)
	if folder == "" {
		folder = filepath.Join(repository, "dist", "screenshots")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		b.t.Fatal(err)
	}
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Logf("no screenshot %s: %s", name, err)
		return
	}
	file := strings.NewReplacer("TestPage/", "", "/", "-", "_", "-").Replace(b.t.Name()+"-"+name) + ".png"
	if err := os.WriteFile(filepath.Join(folder, file), picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// dark makes the user prefer dark pages.
func (b *browser) dark() {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
	})
	testkit.Must(b.t, err)
}
