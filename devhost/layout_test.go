package main

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/whatsapp"
	"whatsapp-functions/internal/testkit"
)

// axe is the accessibility checker that runs on the page,
// https://github.com/dequelabs/axe-core.
const axe = "tools/page/node_modules/axe-core/axe.min.js"

// In no size and colour scheme parts of the page overlap or are cut off, and the
// accessibility checker finds no violation.
func pageInEverySize(t *testing.T, started context.Context) {
	script, err := os.ReadFile(filepath.Join(repository, axe))
	if err != nil {
		testkit.Skip(t, "axe-core is not installed: make tools/page/node_modules")
	}
	p := simulateMedia(t, platform.Options{})
	b := open(t, started, p, width, height)
	publishFrom(t, p, whatsapp.Message{Kind: "text", Text: "Another person", From: whatsapp.Person{Phone: "14255550177"}})
	b.shows("#chat-current", "+14255550177")
	b.click("#chat-current")
	b.press("#chats", "Write as a new person")
	b.set("#person-phone", whatsapp.Phone)
	b.press("#composer", "The business")
	b.write("Your order 12345 is ready to be picked up.")
	b.press("#chat", "Delivered")
	b.press("#composer", "You, the user")
	b.press(".line[data-side=theirs]", "React to this message")
	b.press("#composer", "React with ❤️")
	b.shows(".chip", "❤️")
	b.set("#kind", "text")
	for _, text := range []string{"Hello", "Is order 12345 ready? " + strings.Repeat("I will be there at five, and my sister too. ", 20), "Stop"} {
		b.write(text)
		b.shows("#chat", text[:4])
	}
	b.sendFile("image", picture(t, "lake.png", 640, 400), "The lake in the morning")
	b.wait(`document.querySelector("#chat img")?.naturalWidth === 640`)
	b.press(`.line:has(img)`, "React to this message")
	b.press("#composer", "React with 👍")
	b.wait(`document.querySelectorAll(".chip").length === 2`)
	b.set("#kind", "document")
	b.write("Without a file")
	b.shows("#chat .file-card[data-tone=bad]", "Not stored")
	b.set("#kind", "image")
	b.choose(picture(t, "the second picture.png", 300, 300))
	batch, err := os.ReadFile(filepath.Join(repository, "testdata/events/eg_batch_mixed.json"))
	testkit.Must(t, err)
	testkit.Must(t, eventgrid.PublishTo(t.Context(), p.Topic(), batch))
	testkit.Must(t, eventgrid.PublishTo(t.Context(), p.Topic(), []byte(`[{"id":"bad","topic":"/t","subject":"s","eventType":"Microsoft.Communication.AdvancedMessageReceived","eventTime":"2026-11-20T09:15:03Z","dataVersion":"1","data":7}]`)))
	b.shows("#deliveries", "1 rejected: malformed-data")
	for _, size := range [][2]int64{{1024, 768}, {1440, 900}, {390, 844}} {
		for _, scheme := range []string{"light", "dark"} {
			name := fmt.Sprintf("%d-%s", size[0], scheme)
			t.Run(name, func(t *testing.T) {
				b := &browser{t, b.ctx}
				b.do(chromedp.EmulateViewport(size[0], size[1]))
				_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
					Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
				})
				testkit.Must(t, err)
				for _, pane := range []string{"conversation", "trace", "storage", "faults"} {
					if size[0] < 1024 {
						b.click(fmt.Sprintf(".tabs [data-pane=%s]", pane))
					}
					evaluate[bool](b, `(() => { document.getElementById("chat").scrollTop = 1e6; return true; })()`)
					b.shot(name + "-" + pane)
					if pane == "conversation" {
						evaluate[bool](b, `(() => { document.getElementById("chat").scrollTop = 0; return true; })()`)
						b.shot(name + "-start")
					}
					if cut := evaluate[[]string](b, cutOff); len(cut) > 0 {
						t.Errorf("%s: cut off or overlapping: %s", pane, strings.Join(cut, "; "))
					}
					for _, violation := range violations(b, string(script)) {
						t.Errorf("%s: %s", pane, violation)
					}
					if size[0] >= 1024 {
						break // all panes are shown
					}
				}
			})
		}
	}
}

// cutOff is an expression: the controls that are not whole inside their pane, or
// that overlap another one.
const cutOff = `[...document.querySelectorAll(".pane")].filter((pane) => pane.offsetParent !== null || getComputedStyle(pane).display !== "none").flatMap((pane) => {
	const inside = pane.getBoundingClientRect();
	const controls = [...pane.querySelectorAll("button, input, select, label")].filter((e) => e.checkVisibility() && !e.closest(".grid-scroll"));
	const boxes = controls.map((e) => [e, e.getBoundingClientRect()]).filter(([, box]) => box.width > 0);
	const name = (e) => (e.id || e.textContent || e.ariaLabel || e.tagName).trim().slice(0, 40);
	const out = boxes.filter(([, box]) => box.left < inside.left - 1 || box.right > inside.right + 1).map(([e]) => pane.id + ": " + name(e));
	const overlaps = boxes.flatMap(([a, x], i) => boxes.slice(i + 1)
		.filter(([b, y]) => !a.contains(b) && !b.contains(a) && x.left < y.right - 1 && y.left < x.right - 1 && x.top < y.bottom - 1 && y.top < x.bottom - 1)
		.filter(([b]) => a.closest(".scroll") === b.closest(".scroll"))
		.map(([b]) => pane.id + ": " + name(a) + " and " + name(b)));
	return [...out, ...overlaps];
})`

// violations runs axe-core on the page.
func violations(b *browser, script string) (found []string) {
	b.t.Helper()
	evaluate[any](b, script+"; null")
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`axe.run().then((r) => JSON.stringify(r.violations.map((v) => v.id + ": " + v.help + ": " + v.nodes.map((n) => n.target.join(" ")).slice(0, 5).join(", "))))`,
		chromedp.EvalAwaitPromise))
	testkit.Must(b.t, err)
	testkit.Must(b.t, json.Unmarshal([]byte(text), &found))
	return found
}
