package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/whatsapp"
	"whatsapp-functions/internal/testkit"
)

// publishFrom publishes a message of a person, as devhost send does.
func publishFrom(t *testing.T, p *platform.Platform, m whatsapp.Message) {
	t.Helper()
	event, err := m.Event(time.Now())
	testkit.Must(t, err)
	testkit.Must(t, eventgrid.PublishTo(t.Context(), p.Topic(), append(append([]byte("["), event.In(whatsapp.CloudEvents)...), ']')))
}

// Each person has a chat. Messages of another one are counted, and a message with
// both identities of a person joins its chats.
func pageShowsOneChatPerPerson(t *testing.T, started context.Context) {
	p, _ := simulate(t, platform.Options{})
	b := open(t, started, p, width, height)
	b.write("From the first")
	b.shows("#chat", "From the first", "processed")
	b.shows("#window", "Reply window until", "24 h left")
	publishFrom(t, p, whatsapp.Message{Kind: "text", Text: "From the second", From: whatsapp.Person{Phone: "14255550177"}})
	b.shows("#chat-current", "+14255550123", "1 new", "1 other chat")
	publishFrom(t, p, whatsapp.Message{Kind: "text", Text: "Without a number", From: whatsapp.Person{BSUID: "US.99"}})
	b.shows("#chat-current", "2 new", "2 other chats")
	if text := evaluate[string](b, `document.getElementById("chat").innerText`); strings.Contains(text, "second") {
		t.Errorf("the chat of the first person shows %q", text)
	}
	b.click("#chat-current")
	b.wait(`document.activeElement.closest("#chat-list [aria-current]")`)
	b.shows("#chat-list", "+14255550177", "From the second", "US.99", "Without a number", "1 new")
	b.shot("list")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.wait(`document.getElementById("chat-list").hidden && document.activeElement.id === "chat-current"`)
	b.do(chromedp.KeyEvent("\r"), chromedp.KeyEvent(kb.Home), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent("\r"))
	b.shows("#chat-current", "+14255550177")
	b.shows("#chat", "From the second")
	b.shows("#composer .options summary", "As +14255550177")
	publishFrom(t, p, whatsapp.Message{Kind: "text", Text: "Both", From: whatsapp.Person{Phone: "14255550177", BSUID: "US.99"}})
	b.shows("#chat", "From the second", "Without a number", "Both")
	b.shows("#chat-current", "US.99", "1 other chat")
	b.click("#chat-current")
	b.press("#chats", "Write as a new person")
	b.shows("#window", "No reply window")
	b.write("From the third")
	b.shows("#chat", "From the third", "processed")
	b.shows("#chat-current", "2 other chats")
}

// A long text is cut until a person asks for the rest.
func pageCutsLongTexts(t *testing.T, started context.Context) {
	p, _ := simulate(t, platform.Options{})
	publishFrom(t, p, whatsapp.Message{Kind: "text", Text: strings.Repeat("Many words in one message. ", 100) + "The end.", From: whatsapp.Person{Phone: whatsapp.Phone}})
	publishFrom(t, p, whatsapp.Message{Kind: "text", Text: strings.Repeat("line\n", 30) + "The last line.", From: whatsapp.Person{Phone: whatsapp.Phone}})
	b := open(t, started, p, width, height)
	b.wait(`document.querySelectorAll("#chat .show-more[aria-expanded=false]").length === 2`)
	b.wait(`!/The end|The last line/.test(document.getElementById("chat").innerText)`)
	for _, end := range []string{"The end.", "The last line."} {
		b.click("#chat .show-more[aria-expanded=false]")
		b.shows("#chat", end)
	}
	b.press("#chat", "Show less")
	b.wait(`document.querySelectorAll("#chat .show-more[aria-expanded=false]").length === 1`)
}

// In lists, the arrow keys move the focus and the Tab key stops once.
func pageMovesByArrowKeys(t *testing.T, started context.Context) {
	p, _ := simulate(t, platform.Options{})
	b := open(t, started, p, width, height)
	for _, text := range []string{"One", "Two", "Three"} {
		b.write(text)
		b.shows("#chat", text)
		b.shows("#deliveries", text)
	}
	b.shows("#stores", "Messages\n3")
	b.shows("#contents", "Three")
	for list, items := range map[string]string{"#deliveries": ".delivery-line", "#stores": ".store", "#contents": ".stored > summary", "#chat": ".line"} {
		all := `[...document.querySelectorAll("` + list + " " + items + `")]`
		b.wait(all + `.filter((item) => item.tabIndex === 0).length === 1`)
		evaluate[bool](b, `(() => { `+all+`[0].focus(); return true; })()`)
		b.do(chromedp.KeyEvent(kb.ArrowDown))
		b.wait(`document.activeElement === ` + all + `[1]`)
		b.do(chromedp.KeyEvent(kb.End))
		b.wait(`document.activeElement === ` + all + `.at(-1)`)
		b.do(chromedp.KeyEvent(kb.Home))
		b.wait(`document.activeElement === ` + all + `[0]`)
		b.wait(all + `.filter((item) => item.tabIndex === 0).length === 1`)
	}
}

// A message can be shown without receiving it, and deleted.
func pageDeletesQueueMessage(t *testing.T, started context.Context) {
	p, _ := simulate(t, platform.Options{})
	b := open(t, started, p, width, height)
	for _, text := range []string{"Stays", "Goes"} {
		b.write(text)
		b.shows("#contents", "text: "+text)
	}
	b.click("#contents .stored > summary")
	b.shows("#contents .message", `"conversation.message.received.v1"`, "Showing a message does not receive it.")
	b.press("#contents", "Delete message")
	b.wait(`!document.getElementById("contents").innerText.includes("Goes")`)
	messages, err := p.Storage().Messages(t.Context(), "inbound-messages")
	testkit.Must(t, err)
	if len(messages) != 1 || !strings.Contains(string(messages[0].Body), "Stays") {
		t.Errorf("the queue has %d messages", len(messages))
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, p.URL()+"/simulator/storage/queue/inbound-messages/none", nil)
	testkit.Must(t, err)
	response, err := http.DefaultClient.Do(request)
	testkit.Must(t, err)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusNotFound {
		t.Errorf("deleting an unknown message: %s", response.Status)
	}
}

// A fault with a bad value is refused with the name of its field, and stays off.
func pageRefusesBadFaults(t *testing.T, started context.Context) {
	p, _ := simulate(t, platform.Options{})
	b := open(t, started, p, width, height)
	for _, test := range []struct{ field, value, want string }{
		{"crashes", "101", "Crash is 101: write a number from 0 to 100."},
		{"crashes", "1.5", "Crash is 1.5: write an integer."},
		{"failWrites", "-1", "Failed writes is -1: write a number from 0 to 100."},
		{"duplicates", "1e9", "Duplicates is 1e9: write a number from 0 to 100."},
		{"delay", "601", "Delay is 601: write a number from 0 to 600."},
	} {
		b.set("#fault-"+test.field, test.value)
		b.shows("#faults-form > .notice", test.want)
		b.wait(`document.getElementById("fault-` + test.field + `").getAttribute("aria-invalid") === "true"`)
		b.set("#fault-"+test.field, "0")
		b.wait(`!document.querySelector("#faults-form > .notice")`)
	}
	b.set("#fault-crashes", "")
	b.wait(`document.getElementById("fault-crashes").value === "0"`)
	b.shows("#faults-hint", "No faults on")
}

// A message that a delivery shows stays when another attempt joins it.
func pageKeepsNotices(t *testing.T, started context.Context) {
	p, _ := simulate(t, platform.Options{})
	b := open(t, started, p, width, height)
	b.write("Again and again")
	b.shows("#chat", "processed")
	b.click(".delivery-line")
	for _, deliveries := range []string{"2 deliveries", "3 deliveries"} {
		b.press(".actions", "Send again")
		b.shows("#deliveries .delivery-line", deliveries)
		b.shows(".delivery-body", "The same events were published again.")
		b.shows(".delivery-body .timeline", "Event Grid received 202")
	}
	if lines := evaluate[int](b, `document.querySelectorAll(".delivery-line").length`); lines != 1 {
		t.Errorf("%d lines for one event", lines)
	}
}
