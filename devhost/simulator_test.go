package main

import (
	"testing"
	"time"
)

// Within a second of sending, all panes show the message.
func TestPageShowsMessage(t *testing.T) {
	p, _ := serve(t, appFolder(t, nil), "")
	b := open(t, p, 1280, 800)
	b.shot("empty")
	sent := time.Now()
	b.write("Is order 12345 ready?")
	b.shows("#chat", "Is order 12345 ready?", "processed")
	b.shows("#deliveries", "AdvancedMessageTrigger", "taken")
	b.shows("#stores", "inbound-messages", "Messages")
	b.shows("#contents", "text: Is order 12345 ready?")
	took := time.Since(sent)
	t.Logf("shown everywhere after %s", took)
	b.click(".delivery-line")
	b.shows(".timeline", "Published: 1 event", "The handler answered 200", "Outputs written", "Event Grid was answered 202")
	b.shot("message")
}
