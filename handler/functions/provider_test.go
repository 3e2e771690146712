package functions

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"
	"github.com/rs/zerolog"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/lenient"
	"whatsapp-functions/internal/testkit"
)

// This is all that a provider is: a type of event, and a reader that returns a
// conversation value. CONTRIBUTING.md describes the steps.

const toyMessageReceived = "Toy.MessageReceived"

// toyMessage reads the data of a toy provider: {"id":…,"line":…,"person":…,"words":…}.
func toyMessage(event messaging.CloudEvent) (conversation.Message, error) {
	raw, _ := event.Data.(lenient.Value)
	data := raw.Fields()
	m := conversation.Message{
		EventID:   event.ID,
		MessageID: data.Get("id").Text(),
		Channel:   conversation.Channel{Type: "toy", ID: data.Get("line").Text()},
		From:      conversation.NewParticipant(data.Get("person").Text(), ""),
		Kind:      conversation.KindText,
		Text:      data.Get("words").Text(),
		Raw:       string(raw),
	}
	if event.Time != nil {
		m.Published = conversation.At(*event.Time)
	}
	return m, nil
}

// A row in the table of conversions connects the provider: the outputs, their
// limits and the opt-out words need no change.
func TestAddAProvider(t *testing.T) {
	before := conversions
	t.Cleanup(func() { conversions = before })
	conversions = append(conversions[:len(conversions):len(conversions)],
		conversion{toyMessageReceived, []string{AdvancedMessageTrigger}, messages(toyMessage)})

	app, err := bridge.Open(testkit.AppFolder(t), All(Settings{OptOut: conversation.NewOptOutWords([]string{"STOP"})}))
	if err != nil {
		t.Fatal(err)
	}
	server := &bridge.Server{App: app, MaxBody: 1 << 20, Log: zerolog.New(new(bytes.Buffer))}
	event := `{"specversion":"1.0","type":"Toy.MessageReceived","source":"toy","id":"e1","time":"2026-11-20T09:15:03Z",` +
		`"data":{"id":"m1","line":"7","person":"+1 425 555 0123","words":"Stop!"}}`
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/"+AdvancedMessageTrigger,
		strings.NewReader(`{"Data":{"eventGridEvents":`+event+`}}`)))
	for _, want := range []string{
		`\"conversations\":[\"7|14255550123\"]`, `\"kind\":\"text\",\"text\":\"Stop!\",\"optOut\":true`,
		`\"PartitionKey\":\"7|14255550123\"`, `\"ReplyBy\":\"2026-11-21T09:15:03.0000000Z\"`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %s in %s", want, w.Body)
		}
	}
}
