package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/functions"
	"whatsapp-functions/handler/lenient"
)

const (
	receiver = "AdvancedMessageTrigger"
	statuses = "StatusTrigger"

	repository = ".."
)

// samples returns the names of the files in testdata/events.
func samples(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(repository, "testdata/events/*.json"))
	if err != nil || len(files) < 80 {
		t.Fatal(len(files), "samples", err)
	}
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = strings.TrimSuffix(filepath.Base(file), ".json")
	}
	return names
}

// sample reads a sample: the events of one delivery.
func sample(t testing.TB, name string) []jsontext.Value {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, "testdata/events", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	batch, err := lenient.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var events []jsontext.Value
	for element := range batch.Elements() {
		event := jsontext.Value(element)
		if err := event.Compact(); err != nil {
			t.Fatal(err)
		}
		events = append(events, event)
	}
	return events
}

// serveApp serves an app folder as run does, and logs everything to log.
func serveApp(t testing.TB, root string, log io.Writer) http.Handler {
	t.Helper()
	app, err := bridge.Open(root, functions.All(functions.Settings{OptOut: conversation.NewOptOutWords(strings.Split(defaultOptOut, ","))}))
	if err != nil {
		t.Fatal(err)
	}
	return &bridge.Server{App: app, MaxBody: defaultMaxBody, Log: zerolog.New(log).Level(zerolog.DebugLevel)}
}

// answer is the answer of a handler.
type answer struct {
	Outputs outputs
	Logs    []string
}

// outputs are the outputs of all functions.
type outputs struct {
	InboundMessages []string `json:"inboundMessages"`
	Messages        []string `json:"messages"`
	MessageStatus   []string `json:"messageStatus"`
	FailedMessages  []string `json:"failedMessages"`
	StatusUpdates   []string `json:"statusUpdates"`
	Preferences     []string `json:"preferences"`
	ChannelEvents   []string `json:"channelEvents"`
	MediaRequests   []string `json:"mediaRequests"`
	RejectedEvents  string   `json:"rejectedEvents"`
}

// rejectedDocument is the content of RejectedEvents.
type rejectedDocument struct {
	Function     string          `json:"function"`
	InvocationID string          `json:"invocationId"`
	Events       []rejectedEvent `json:"events"`
}

type rejectedEvent struct {
	Reason  string         `json:"reason"`
	Detail  string         `json:"detail"`
	Written bool           `json:"written"`
	Event   jsontext.Value `json:"event,omitzero"`
	Text    *string        `json:"text,omitzero"`
}

func (a answer) rejected(t testing.TB) rejectedDocument {
	t.Helper()
	return decodeRejected(t, a.Outputs.RejectedEvents)
}

func decodeRejected(t testing.TB, encoded string) (document rejectedDocument) {
	t.Helper()
	if encoded == "" {
		return document
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &document, lenient.Options()); err != nil {
		t.Fatal(err)
	}
	return document
}

// invoke calls a function with a trigger value as the host does.
func invoke(t *testing.T, server http.Handler, function, triggerValue string) answer {
	t.Helper()
	body := `{"Data":{"eventGridEvents":` + triggerValue + `},"Metadata":{"sys":{"MethodName":"` + function + `"}}}`
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/"+function, strings.NewReader(body))
	r.Header.Set("X-Azure-Functions-InvocationId", "0d1f6a2e-5b1c-4a53-9c5e-6d3c9c0f7a01")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("answer %d: %s", w.Code, w.Body)
	}
	var a answer
	if err := json.Unmarshal(w.Body.Bytes(), &a, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
	return a
}

// one returns the trigger value of a single event (cardinality one).
func one(event jsontext.Value) string { return string(event) }

// many returns the trigger value of a delivery (cardinality many).
func many(events []jsontext.Value) string {
	text, _ := jsontext.AppendQuote(nil, "["+string(bytes.Join(rawBytes(events), []byte(",")))+"]")
	return string(text)
}

func rawBytes(events []jsontext.Value) [][]byte {
	raw := make([][]byte, len(events))
	for i, event := range events {
		raw[i] = event
	}
	return raw
}
