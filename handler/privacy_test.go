package main

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/rs/zerolog"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/functions"
	"whatsapp-functions/handler/lenient"
	"whatsapp-functions/internal/testkit"
)

// impersonal are the fields whose texts are not personal data.
var impersonal = []string{
	"channelType", "messageType", "mimeType", "status", "type", "eventType", "specversion", "dataVersion", "metadataVersion",
	"datacontenttype", "dataschema", "language", "eventTime", "time", "receivedTimestamp", "channelCode",
	"deadLetterReason", "lastDeliveryOutcome", "publishTime", "lastDeliveryAttemptTime", "traceparent",
}

// personal returns the texts of an event that may be personal data: all in data
// but those of impersonal fields, and the subject.
func personal(t *testing.T, event jsontext.Value) []string {
	t.Helper()
	var all []string
	note := func(value lenient.Value) {
		if value.Kind() == jsontext.KindString || value.Kind() == jsontext.KindNumber {
			all = append(all, value.Text())
		}
	}
	var walk func(value lenient.Value)
	walk = func(value lenient.Value) {
		for name, field := range value.Members() {
			if !slices.Contains(impersonal, name) {
				note(field)
				walk(field)
			}
		}
		for element := range value.Elements() {
			note(element)
			walk(element)
		}
	}
	for name, field := range lenient.Value(event).Members() {
		if name == "data" || name == "subject" {
			note(field)
			walk(field)
		}
	}
	var worth []string
	for _, text := range all {
		// Any log has short words; marked makes them longer.
		if len(text) >= 6 {
			worth = append(worth, text)
		}
	}
	return worth
}

// marked returns the event with a word added to every text that may be personal
// data, which no log has by chance.
func marked(t *testing.T, event jsontext.Value) jsontext.Value {
	t.Helper()
	var mark func(value any, in string) any
	mark = func(value any, in string) any {
		switch value := value.(type) {
		case string:
			if slices.Contains(impersonal, in) {
				return value
			}
			return value + " Jane-Doe-4255550123"
		case map[string]any:
			for name := range value {
				value[name] = mark(value[name], name)
			}
			return value
		case []any:
			for i := range value {
				value[i] = mark(value[i], in)
			}
			return value
		default:
			return value
		}
	}
	var value map[string]any
	if err := json.Unmarshal(event, &value, lenient.Options()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"data", "subject"} {
		value[name] = mark(value[name], name)
	}
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// leaks returns the texts that occur in the handler's output.
func leaks(logged string, texts []string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(text string) bool {
		quoted, _ := jsontext.AppendQuote(nil, text)
		return !strings.Contains(logged, text) && !strings.Contains(logged, string(quoted[1:len(quoted)-1]))
	})
}

// panicking is a function's Handle that panics with its event.
func panicking(event lenient.Value, _ *bridge.Results) *bridge.Rejection {
	if len(event)%2 == 0 {
		panic(string(event))
	}
	panic(errors.New(string(event)))
}

// No personal data gets into Logs, stdout or stderr at debug level: when an event is
// written, when it is rejected, on a panic, and when a request is refused.
func TestPersonalDataStaysOutOfLogs(t *testing.T) {
	var log bytes.Buffer
	root := testkit.AppFolder(t, mediaRequests()...)
	server := serveApp(t, root, &log)
	small := serveApp(t, root, &log).(*bridge.Server)
	small.MaxBody = 100
	all := functions.All(functions.Settings{})
	all[0].Handle = panicking
	app, err := bridge.Open(root, all)
	if err != nil {
		t.Fatal(err)
	}
	panics := &bridge.Server{App: app, MaxBody: defaultMaxBody, Log: zerolog.New(&log).Level(zerolog.DebugLevel)}

	paths := map[string]func(event jsontext.Value) (logged []string){
		"at its own function and at the other": func(event jsontext.Value) []string {
			return append(invoke(t, server, receiver, one(event)).Logs, invoke(t, server, statuses, one(event)).Logs...)
		},
		"as text that is not an event": func(event jsontext.Value) []string {
			text, _ := jsontext.AppendQuote(nil, event[:len(event)-1])
			return invoke(t, server, receiver, string(text)).Logs
		},
		"with data that is not an object": func(event jsontext.Value) []string {
			text, _ := jsontext.AppendQuote(nil, event)
			return invoke(t, server, receiver, `{"id":"1","eventType":"Microsoft.Communication.AdvancedMessageReceived","data":`+string(text)+`}`).Logs
		},
		"with a custom type": func(event jsontext.Value) []string {
			text, _ := jsontext.AppendQuote(nil, event)
			return invoke(t, server, receiver, `{"id":"1","eventType":`+string(text)+`}`).Logs
		},
		"with a custom status": func(event jsontext.Value) []string {
			text, _ := jsontext.AppendQuote(nil, event)
			return invoke(t, server, statuses, `{"id":"1","eventType":"Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated","data":{"messageId":"m","messageType":`+string(text)+`,"status":`+string(text)+`}}`).Logs
		},
		"too large for a row": func(event jsontext.Value) []string {
			text, _ := jsontext.AppendQuote(nil, strings.Repeat(string(event), 1+33_000/len(event)))
			return invoke(t, server, receiver, `{"id":"1","eventType":"Microsoft.Communication.AdvancedMessageReceived","data":{"media":{"fileName":`+string(text)+`}}}`).Logs
		},
		"on a panic": func(event jsontext.Value) []string {
			return invoke(t, panics, receiver, one(event)).Logs
		},
		"cut short": refused(t, server, func(body string) io.Reader { return strings.NewReader(body[:len(body)/2]) }, 400),
		"not JSON":  refused(t, server, func(body string) io.Reader { return strings.NewReader("=" + body) }, 400),
		"without trigger": refused(t, server, func(body string) io.Reader {
			return strings.NewReader(strings.Replace(body, "eventGridEvents", "x", 1))
		}, 400),
		"over the limit": refused(t, small, func(body string) io.Reader { return strings.NewReader(body) }, 413),
		"broken off": refused(t, server, func(body string) io.Reader {
			return io.MultiReader(strings.NewReader(body), iotest.ErrReader(errors.New(body)))
		}, 400),
		"at no function": refusedAt(t, server, func(event jsontext.Value) string { return "/" + strings.ReplaceAll(string(event), " ", "") }, 404),
		"with another verb": func(event jsontext.Value) []string {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/"+receiver, bytes.NewReader(event))
			w := httptest.NewRecorder()
			server.ServeHTTP(w, r)
			return []string{w.Body.String()}
		},
	}
	collected := 0
	for path, take := range paths {
		for _, name := range samples(t) {
			for _, event := range sample(t, name) {
				for _, event := range []jsontext.Value{event, marked(t, event)} {
					log.Reset()
					logged := strings.Join(take(event), "\n") + log.String()
					texts := append(personal(t, event), "Jane-Doe-4255550123")
					collected += len(texts)
					if found := leaks(logged, texts); len(found) > 0 {
						t.Fatalf("%s, %s: the log has %.100q:\n%.3000s", path, name, found, logged)
					}
				}
			}
		}
	}
	if collected < 10_000 {
		t.Errorf("only %d texts were searched", collected)
	}
}

// refused sends an event in a body that is refused.
func refused(t *testing.T, server http.Handler, body func(whole string) io.Reader, status int) func(event jsontext.Value) []string {
	return func(event jsontext.Value) []string {
		whole := `{"Data":{"eventGridEvents":` + string(event) + `},"Metadata":{"data":` + string(event) + `}}`
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/"+receiver, body(whole))
		return answered(t, server, r, status)
	}
}

// refusedAt sends an event to a path that contains it.
func refusedAt(t *testing.T, server http.Handler, path func(event jsontext.Value) string, status int) func(event jsontext.Value) []string {
	return func(event jsontext.Value) []string {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(event))
		r.URL.Path = path(event)
		return answered(t, server, r, status)
	}
}

func answered(t *testing.T, server http.Handler, r *http.Request, status int) []string {
	t.Helper()
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if w.Code != status {
		t.Fatalf("answer %d, want %d", w.Code, status)
	}
	return []string{w.Body.String()}
}

// The test above finds personal data if there is any.
func TestLeaksAreFound(t *testing.T) {
	for _, name := range []string{"eg_received_text", "eg_received_document", "eg_received_bsuid_both", "eg_status_failed_131026", "eg_received_text_html_escaped"} {
		event := sample(t, name)[0]
		texts := personal(t, event)
		if len(texts) < 3 {
			t.Errorf("%s: only %q are searched", name, texts)
		}
		logged, _ := jsontext.AppendQuote(nil, event)
		if found := leaks(string(logged), texts); len(found) < 3 {
			t.Errorf("%s: of %q only %q are found in the event itself", name, texts, found)
		}
	}
}
