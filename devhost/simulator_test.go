package main

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/testcase"
	"whatsapp-functions/devhost/whatsapp"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/internal/testkit/azuritetest"
)

// simulate runs the app with the page, as devhost run does.
func simulate(t *testing.T, o platform.Options) (*platform.Platform, *output) {
	t.Helper()
	shown := new(output)
	if o.Folder == "" {
		o.Folder = appFolder(t, nil)
	}
	o.Address, o.Environ, o.Log = "127.0.0.1:0", environ(), newLog(shown)
	cases := testcase.App{Folder: o.Folder, Environ: o.Environ, Log: o.Log}
	o.SaveCase = func(ctx context.Context, t history.Transcript) (string, error) { return cases.Save(ctx, t, "") }
	if o.TimeScale == 0 {
		o.TimeScale = 60
	}
	p, err := platform.Start(t.Context(), o)
	testkit.Must(t, err)
	t.Cleanup(p.Stop)
	return p, shown
}

const width, height = 1280, 800

// All tests share one browser, and each has a tab.
func TestPage(t *testing.T) {
	started := startBrowser(t)
	for name, test := range map[string]func(*testing.T, context.Context){
		"message":   pageShowsMessage,
		"kinds":     pageSendsEveryKind,
		"meta":      pageSendsThroughMeta,
		"waiting":   pageShowsWaitingWebhook,
		"statuses":  pageSendsStatuses,
		"crash":     pageShowsCrashAndRetry,
		"dead":      pageShowsDeadLetters,
		"markup":    pageShowsMarkupAsText,
		"many":      pageWithTenThousandDeliveries,
		"azurite":   pageWithAzurite,
		"phone":     pageOnPhone,
		"keyboard":  pageByKeyboard,
		"elsewhere": pageIsClosedToOtherSites,
		"layout":    pageInEverySize,
		"chats":     pageShowsOneChatPerPerson,
		"long":      pageCutsLongTexts,
		"arrows":    pageMovesByArrowKeys,
		"delete":    pageDeletesQueueMessage,
		"faults":    pageRefusesBadFaults,
		"notices":   pageKeepsNotices,
		"files":     pageShowsFiles,
	} {
		t.Run(name, func(t *testing.T) { test(t, started) })
	}
}

// Within a second of sending, all panes show the message.
func pageShowsMessage(t *testing.T, started context.Context) {
	p, _ := simulate(t, platform.Options{})
	b := open(t, started, p, width, height)
	b.shows("#chat", "You are the WhatsApp user")
	b.shows("#deliveries", "Nothing has been delivered yet")
	b.shows("#contents", "Nothing is stored yet")
	b.shot("empty")
	b.write("Is order 12345 ready?")
	sent := time.Now()
	b.shows("#chat", "Is order 12345 ready?", "processed")
	b.shows("#deliveries", "Is order 12345 ready?", "accepted (202)", "+1 queue, +1 row")
	b.shows("#stores", "inbound-messages", "Messages")
	b.shows("#contents", "text: Is order 12345 ready?")
	// A machine that is busy with other tests takes its time.
	if took := time.Since(sent); took > 5*time.Second {
		t.Errorf("it is shown everywhere after %s", took)
	} else {
		t.Logf("it is shown everywhere after %s", took)
	}
	b.click(".delivery-line")
	b.shows(".timeline", "Published: 1 event", "Delivered by the subscription messages", "The handler answered 200", "Outputs written", "Event Grid received 202")
	b.shot("trace")
	b.press(".timeline", "response of the handler")
	b.shows(".timeline .json", `"inboundMessages"`)
	b.shot("json")

	b.press(".actions", "Save as test case")
	b.shows(".delivery-body", "contains the test case, with identities masked")
	files, err := filepath.Glob(filepath.Join(p.App().Root, testcase.Folder, "*.json"))
	testkit.Must(t, err)
	if len(files) != 1 {
		t.Fatalf("test cases: %q", files)
	}
	text, err := os.ReadFile(files[0])
	testkit.Must(t, err)
	if strings.Contains(string(text), whatsapp.Phone) || !strings.Contains(string(text), "Is order 12345 ready?") {
		t.Errorf("the test case:\n%s", text)
	}
	b.press(".actions", "Send again")
	b.shows(".delivery-body", "The same events were published again.")
	b.shows("#chat", "published 2×")
	b.shows("#deliveries", "2 deliveries")
}

// A message through Meta is in the same panes as one through Event Grid.
func pageSendsThroughMeta(t *testing.T, started context.Context) {
	p, _ := simulate(t, platform.Options{})
	b := open(t, started, p, width, height)
	b.click("#composer .options summary")
	b.set("#publish-provider", "meta")
	b.shows("#composer .options summary", "through Meta")
	b.write("Is order 12345 ready?")
	b.shows("#chat", "Is order 12345 ready?", "processed")
	b.shows("#window", "Reply window until", "left")
	b.shows("#deliveries", "Is order 12345 ready?", "accepted (200)", "+1 queue, +2 rows")
	b.shows("#contents", "text: Is order 12345 ready?")
	b.set("#kind", "location")
	b.press("#composer", "Send the location")
	b.shows("#chat", "Example Park 44.53461, -110.83772")
	b.shows("#contents", "location: Example Park")
	b.shot("meta")
	b.set("#publish-provider", "acs")
	b.wait(`document.querySelector("#kind").value === "text" && ![...document.querySelector("#kind").options].some((o) => o.value === "location")`)
	b.click("#deliveries .delivery-line")
	b.shows(".timeline", "Delivered by Meta", "Meta received 200: the events are delivered")
	b.press(".timeline", "request of Meta")
	b.shows(".timeline", "POST "+p.URL()+"/api/whatsapp", "X-Hub-Signature-256")
	b.press(".actions", "Send again")
	b.shows("#deliveries", "2 deliveries")
}

// A webhook that waits shows the pauses of Meta, which has no maximum of attempts.
func pageShowsWaitingWebhook(t *testing.T, started context.Context) {
	p, _ := simulate(t, platform.Options{TimeScale: 1, Faults: faults.Switches{FailWrites: 1}})
	testkit.Must(t, publishText(t, p))
	b := open(t, started, p, width, height)
	b.shows("#waiting", "WebhookTrigger", "failed (InternalServerError), next attempt", "30 s", "6 h")
	b.wait(`document.querySelectorAll("#waiting li[data-state=now]").length === 1`)
	b.press("#waiting", "Deliver now")
	b.shows("#deliveries", "3 deliveries")
	b.click("#deliveries .delivery-line")
	b.shows(".timeline", "Delivered by Meta, attempt 3")
	b.wait(`!document.body.textContent.includes("attempt 3 of") && !document.body.textContent.includes("undefined")`)
	b.shot("meta-waiting")
}

// Each kind of message is shown in the conversation and written as a queue message
// and a row of that kind.
func pageSendsEveryKind(t *testing.T, started context.Context) {
	p, _ := simulate(t, platform.Options{})
	b := open(t, started, p, width, height)
	b.write("First")
	b.shows("#chat", "processed")
	b.press("#composer", "The business")
	b.set("#compose-id", "business-1")
	b.write("Hello, how can we help?")
	b.shows("#chat", "business-1")
	b.press("#composer", "You, the user")
	send := `#composer button[type="submit"]`
	for _, kind := range []string{"image", "video", "audio", "document", "sticker"} {
		b.set("#kind", kind)
		if kind == "image" {
			b.set("#text", "The one on the left")
		}
		b.click(send)
		b.wait(fmt.Sprintf(`document.querySelector('.bubble[data-kind=%q]')`, kind))
	}
	b.set("#kind", "button")
	b.click(send)
	b.shows("#chat", "Template button", "Unsubscribe")
	b.set("#kind", "button-reply")
	b.click(send)
	b.shows("#chat", "Button · yes")
	b.set("#kind", "list-reply")
	b.click(send)
	b.shows("#chat", "List · size-m")
	b.set("#kind", "text")
	b.press(".line[data-side=theirs]", "Reply to this message")
	b.shows("#composer", "Reply to Hello, how can we help?")
	b.write("Yes, please")
	b.shows(".bubble[data-side=mine] .quote", "Hello, how can we help?")
	b.press(".line[data-side=theirs]", "React to this message")
	b.press("#composer", "React with 👍")
	b.shows(".bubble[data-side=theirs] .chip", "👍")
	b.press(".line[data-side=theirs]", "React to this message")
	b.press("#composer", "Remove reaction")
	b.shows(".bubble[data-side=theirs] .chip", "reaction removed")
	b.wait(`document.querySelectorAll(".bubble[data-kind=reaction]").length === 0`)
	b.set("#kind", "text")
	b.press("#composer", "Send STOP")
	b.shows("#chat", "opt-out")
	b.click("#composer .options summary")
	b.set("#person-hide", "true")
	b.set("#publish-schema", "eventgrid")
	b.set("#publish-count", "3")
	b.set("#publish-age", "172800")
	b.write("Three from nowhere")
	b.shows("#chat-current", "US.13491208655302741918", "1 other chat")
	b.shows("#window", "24-hour window closed")
	b.wait(`[...document.querySelectorAll(".bubble")].filter((bubble) => bubble.innerText.includes("Three from nowhere") && bubble.innerText.includes("processed")).length === 3`)
	b.shows("#stores", "inbound-messages")
	b.click("#composer .options summary")
	b.shot("conversation")

	const messages = 17
	b.wait(fmt.Sprintf(`[...document.querySelectorAll(".store")].some((store) => store.innerText.replace(/\s+/g, " ") === "inbound-messages %d")`, messages-1))
	b.press("#stores", "Messages\n"+fmt.Sprint(messages-1))
	queued, err := p.Storage().Messages(t.Context(), "inbound-messages")
	testkit.Must(t, err)
	kinds := map[string]int{}
	for _, m := range queued {
		var event struct {
			Data struct {
				Kind string `json:"kind"`
			} `json:"data"`
		}
		testkit.Must(t, json.Unmarshal(m.Body, &event))
		kinds[event.Data.Kind]++
	}
	want := map[string]int{"text": 6, "image": 1, "video": 1, "audio": 1, "document": 1, "sticker": 1, "button": 1, "interactive": 2, "reaction": 2}
	for kind, count := range want {
		if kinds[kind] != count {
			t.Errorf("%d queue messages of kind %s, want %d", kinds[kind], kind, count)
		}
	}
	b.shows("#contents .grid", "button", "US.13491208655302741918")
}

// A failed status shows the app's advice. The order of statuses does not matter.
func pageSendsStatuses(t *testing.T, started context.Context) {
	p, _ := simulate(t, platform.Options{})
	b := open(t, started, p, width, height)
	b.press("#composer", "The business")
	b.set("#compose-id", "offer-1")
	b.write("Our offer of the week")
	b.press(".status-buttons", "Read")
	b.shows(".statuses", "Read", "processed")
	b.press(".status-buttons", "Delivered")
	b.shows(".statuses", "Delivered")
	b.wait(`document.querySelector(".ticks").dataset.status === "read"`)
	b.press(".status-buttons", "Failed")
	b.shows(".failure", "appear here after the first status with this code")
	b.set(".failure select", "131047")
	b.press(".failure", "Send failed status")
	b.shows(".statuses .advice", "window-closed", "retry: never", "template")
	b.press(".status-buttons", "Failed")
	b.shows(".failure", "The app classifies this code as:", "window-closed")
	b.shot("statuses")
	b.set(".failure select", "")
	b.set(".failure input", "470")
	b.press(".failure", "Send failed status")
	b.shows(".statuses", "470")
	b.press("#stores", "failed-messages\n2")
	b.shows("#contents", "failed: window-closed")
	b.press("#stores", "MessageStatus\n4")
	b.shows("#contents .grid", "failed", "470")
	if width := evaluate[int](b, `document.documentElement.scrollWidth - innerWidth`); width > 0 {
		t.Errorf("a wide table makes the page %d pixels wider than its window", width)
	}
	b.click(`#contents [data-key="sort Rank"]`)
	b.wait(`document.querySelector('#contents [aria-sort="ascending"]').innerText.startsWith("Rank")`)
	b.wait(`document.querySelector('#contents td[data-type="Edm.Int64"]').title.startsWith("Edm.Int64")`)
	b.click("#contents .cell")
	b.shows("#contents .columns", "Edm.String", "PartitionKey")
	b.shot("storage")
}

// A handler that is killed in the middle of an invocation loses nothing: the
// page shows the failure, the wait and the delivery that comes again.
func pageShowsCrashAndRetry(t *testing.T, started context.Context) {
	p, shown := simulate(t, platform.Options{TimeScale: 4})
	b := open(t, started, p, width, height)
	b.set("#fault-crashes", "1")
	b.shows("#faults-hint", "1 fault on")
	b.write("Will it survive?")
	b.shows("#waiting", "AdvancedMessageTrigger", "attempt 1 of 30 failed", "10 s", "30 s")
	b.shows("#chat", "failed, will be retried")
	b.shows("#deliveries", "failed")
	b.shows("#faults-hint", "No faults on")
	b.click(".delivery-line")
	b.shows(".timeline", "The invocation failed", "Event Grid received 500", "Next attempt at")
	b.shot("retry")
	b.press("#waiting", "Deliver now")
	b.shows("#chat", "processed · 2 deliveries")
	b.shows("#deliveries", "attempt 2", "accepted (202)")
	waitFor(t, shown, "the handler is killed on request")
	messages, err := p.Storage().Messages(t.Context(), "inbound-messages")
	testkit.Must(t, err)
	if len(messages) != 1 {
		t.Errorf("%d messages in the queue", len(messages))
	}
}

// An event that can't be delivered becomes a dead letter, and the page links to it.
func pageShowsDeadLetters(t *testing.T, started context.Context) {
	p, _ := simulate(t, platform.Options{TimeScale: 1e5, Faults: faults.Switches{FailWrites: 1}})
	b := open(t, started, p, width, height)
	b.shows("#faults-hint", "1 fault on")
	b.write("Nobody writes this down")
	b.shows("#dead-letters", "Dead letters", "TimeToLiveExceeded")
	b.shows("#chat", "dead-lettered")
	b.shows("#deliveries", "dead-lettered")
	b.press("#faults", "Turn all faults off")
	b.shows("#faults-hint", "No faults on")
	b.click("#dead-letters button")
	b.shows("#contents", "deadletterreason")
	b.shot("letters")
	b.press("#conversation", "Clear chat and trace")
	b.shows("#chat", "You are the WhatsApp user")
	b.shows("#deliveries", "Nothing has been delivered yet")
}

// A page of another site can't control devhost.
func pageIsClosedToOtherSites(t *testing.T, started context.Context) {
	p, _ := simulate(t, platform.Options{})
	event := `[{"id":"1","subject":"s","eventType":"Microsoft.Communication.AdvancedMessageReceived","eventTime":"2026-11-20T09:15:03Z","dataVersion":"1.0","data":{}}]`
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, `<!doctype html><link rel="icon" href="data:,"><title>another site</title><iframe src="%s/"></iframe><script>
			const send = (path, method, body, headers) => fetch(%[1]q + path, { method, body, headers, mode: "no-cors" }).catch(() => {});
			const event = %q;
			Promise.all([
				send("/events", "POST", event),
				send("/runtime/webhooks/EventGrid?functionName=AdvancedMessageTrigger", "POST", event),
				send("/admin/functions/AdvancedMessageTrigger", "POST", JSON.stringify({ input: event })),
				send("/simulator/messages", "POST", JSON.stringify({ message: { kind: "text", text: "driven" } })),
				send("/simulator/storage/clear", "POST", "{}"),
			]).then(() => { document.title = "tried"; });
		</script>`, p.URL(), event)
	}))
	t.Cleanup(site.Close)
	ctx, cancel := chromedp.NewContext(started)
	t.Cleanup(cancel)
	b := &browser{t, ctx}
	b.do(chromedp.Navigate(site.URL))
	b.wait(`document.title === "tried"`)
	time.Sleep(200 * time.Millisecond)
	if p.Pending() != 0 {
		t.Errorf("%d events were published", p.Pending())
	}
	contents, err := storage.ReadContents(t.Context(), p.Storage())
	testkit.Must(t, err)
	if len(contents.Queues)+len(contents.Tables)+len(contents.Containers) != 0 {
		t.Errorf("something was written: %+v", contents)
	}
	b = open(t, started, p, width, height)
	b.shows("#chat", "You are the WhatsApp user")
	b.shows("#deliveries", "Nothing has been delivered yet")
}

// Nothing that anybody writes is taken for markup.
func pageShowsMarkupAsText(t *testing.T, started context.Context) {
	p, _ := simulate(t, platform.Options{})
	b := open(t, started, p, width, height)
	const markup = `<img src=x onerror="document.title='driven'"><script>document.title='driven'</script><b>bold</b>`
	b.write(markup)
	b.shows("#chat", markup, "processed")
	b.shows("#contents", "text: <img src=x")
	event := fmt.Sprintf(`[{"id":%q,"subject":%[1]q,"eventType":"Microsoft.Communication.AdvancedMessageReceived","eventTime":"2026-11-20T09:15:03Z","dataVersion":"1.0",
		"data":{"messageType":%[1]q,"from":%[1]q,"to":%[1]q,"messageId":%[1]q,"content":%[1]q,"media":{"mimeType":%[1]q,"id":%[1]q,"fileName":%[1]q}}}]`, markup)
	testkit.Must(t, eventgrid.PublishTo(t.Context(), p.Topic(), []byte(event)))
	b.shows("#chat-current", "1 new", "1 other chat")
	b.click("#chat-current")
	b.shows("#chat-list", markup)
	b.click("#chat-list button")
	b.wait(`document.querySelectorAll(".bubble").length === 1`)
	b.shows("#chat", markup)
	b.shows("#chat-current", markup)
	b.click(".delivery-line")
	b.shows(".timeline", markup)
	for _, what := range []string{"request of Event Grid", "request to the handler", "response of the handler"} {
		b.press(".timeline", what)
	}
	b.press("#stores", "Messages\n2")
	b.shows("#contents .grid", "<img src=x")
	time.Sleep(200 * time.Millisecond) // for a program that should not run
	if title := evaluate[string](b, "document.title"); title != "WhatsApp simulator · devhost" {
		t.Errorf("the title is %q", title)
	}
	if count := evaluate[int](b, `document.querySelectorAll("body img, body script, main b").length`); count != 0 {
		t.Errorf("%d elements come from text", count)
	}
}

// After ten thousand deliveries the page still responds at once and shows the last.
func pageWithTenThousandDeliveries(t *testing.T, started context.Context) {
	testkit.Long(t, "makes 10,000 deliveries")
	p, _ := simulate(t, platform.Options{})
	b := open(t, started, p, width, height)
	const batches, batchSize = 50, 200
	for range batches {
		var batch []string
		for range batchSize {
			message, err := whatsapp.Message{Kind: "text", Text: "Hello"}.Event(time.Now())
			testkit.Must(t, err)
			batch = append(batch, string(message.In(whatsapp.CloudEvents)))
		}
		testkit.Must(t, eventgrid.PublishTo(t.Context(), p.Topic(), []byte("["+strings.Join(batch, ",")+"]")))
	}
	// The time from a click until the page has drawn the result.
	evaluate[bool](b, `(() => {
		window.took = [];
		addEventListener("click", (event) => requestAnimationFrame(() => setTimeout(() => took.push(performance.now() - event.timeStamp))), true);
		return true;
	})()`)
	answer := func(when string, limit float64) {
		t.Helper()
		for _, button := range []string{"The business", "You, the user", "Send STOP"} {
			b.press("#composer", button)
		}
		b.wait("took.length === 3")
		took := evaluate[[]float64](b, "took.splice(0)")
		t.Logf("%s, clicks are answered after %.0f ms", when, took)
		if slowest := slices.Max(took); slowest > limit {
			t.Errorf("%s, a click is answered after %.0f ms", when, slowest)
		}
	}
	answer("while they come", 2000)
	for p.Pending() > 0 {
		time.Sleep(50 * time.Millisecond)
	}
	b.shows("#connection", "Live")
	answer("when they are there", 500)
	if nodes := evaluate[int](b, `document.querySelectorAll("*").length`); nodes > 8000 {
		t.Errorf("the page has %d elements", nodes)
	}
	b.wait(`document.querySelector("#stores").innerText.includes("10,002")`)
	b.shows("#contents", "the newest 100 of 10,002")
	b.shot("many")
}

// What Azurite holds is shown and cleared as files are.
func pageWithAzurite(t *testing.T, started context.Context) {
	emulator := azuritetest.Start(t, azurite.Options{})
	p, _ := simulate(t, platform.Options{Storage: emulator.Connection})
	b := open(t, started, p, width, height)
	b.shows("#storage-hint", "local emulator")
	b.write("To Azurite")
	b.shows("#contents", "text: To Azurite")
	testkit.Must(t, eventgrid.PublishTo(t.Context(), p.Topic(), []byte(`[{"id":"1","subject":"s","eventType":"Microsoft.Communication.AdvancedMessageReceived","eventTime":"2026-11-20T09:15:03Z","dataVersion":"1.0","data":7}]`)))
	b.shows("#stores", "rejected-events")
	b.press("#stores", "rejected-events\n1")
	b.shows(".contents-head", "rejected-events")
	b.click("#contents summary")
	b.shows("#contents .json", "malformed-data")
	b.shows("#deliveries", "rejected")
	testkit.Must(t, p.Storage().PutBlob(t.Context(), "rejected-events", "empty.json", nil))
	b.press("#stores", "rejected-events\n2")
	b.click(`#contents [data-key="empty.json"]`)
	b.shows("#contents", "left empty by a failed invocation")
	b.press("#storage", "Clear")
	b.press("#storage", "Remove everything")
	b.shows("#stores", "inbound-messages\n0")
}

// The page is of use on a phone, in the dark, and with the keyboard alone.
func pageOnPhone(t *testing.T, started context.Context) {
	p, _ := simulate(t, platform.Options{Faults: faults.Switches{Duplicates: 1}})
	b := open(t, started, p, 390, 844)
	b.dark()
	b.write("From a phone")
	b.shows("#chat", "processed · 2 deliveries")
	b.shot("chat")
	b.press(".tabs", "Trace")
	b.shows("#deliveries", "duplicate")
	b.click(".delivery-line")
	b.shows(".timeline", "a duplicate")
	b.shot("trace")
	b.press(".tabs", "Storage")
	b.shows("#contents", "From a phone")
	b.shot("storage")
	b.press(".tabs", "Faults")
	b.shows("#faults-hint", "1 fault on")
	b.shot("faults")
	if wider := evaluate[bool](b, `document.documentElement.scrollWidth > innerWidth`); wider {
		t.Error("the page is wider than the phone")
	}
}

func pageByKeyboard(t *testing.T, started context.Context) {
	p, _ := simulate(t, platform.Options{})
	b := open(t, started, p, width, height)
	focused := func() string {
		return evaluate[string](b, `(document.activeElement.getAttribute("aria-label") || document.activeElement.labels?.[0]?.innerText || document.activeElement.innerText || document.activeElement.id).trim()`)
	}
	reached := map[string]bool{}
	for range 60 {
		b.do(chromedp.KeyEvent("\t"))
		name := focused()
		if name == "" {
			t.Errorf("an element without a name has the focus: %s", evaluate[string](b, "document.activeElement.outerHTML"))
		}
		reached[name] = true
	}
	for _, name := range []string{"Skip to writing a message", "Clear chat and trace", "Messages", "You, the user", "Kind of message", "Send STOP", "Message", "Send", "Failures only", "Deliveries", "Clear", "Crash", "Reorder", "Batch size"} {
		if !reached[name] {
			t.Errorf("the Tab key does not reach %q; it reaches %v", name, slices.Sorted(maps.Keys(reached)))
		}
	}
	unlabelled := evaluate[int](b, `[...document.querySelectorAll("input, select, textarea")].filter((field) => !field.labels.length && !field.getAttribute("aria-label")).length`)
	if unlabelled != 0 {
		t.Errorf("%d fields have no label", unlabelled)
	}
}
