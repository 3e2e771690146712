package main

import (
	"bytes"
	"encoding/json/jsontext"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"whatsapp-functions/handler/acs"
	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/eventgrid"
	"whatsapp-functions/handler/lenient"
	"whatsapp-functions/internal/testkit"
)

// delivered returns the body that the host sends for cardinality many: it repeats
// the data of every event in Metadata.
func delivered(events []jsontext.Value) string {
	var data [][]byte
	for _, event := range events {
		for name, value := range lenient.Value(event).Members() {
			if name == "data" {
				data = append(data, []byte(value))
			}
		}
	}
	all, _ := jsontext.AppendQuote(nil, "["+string(bytes.Join(data, []byte(",")))+"]")
	return `{"Data":{"eventGridEvents":` + many(events) + `},"Metadata":{"data":` + string(all) +
		`,"sys":{"MethodName":"AdvancedMessageTrigger","UtcNow":"2026-11-20T09:15:04Z","RandGuid":"2f7e4d9b-8f0b-4a8e-8d0c-2d4e3b4c5a10"}}}`
}

// repeated returns copies of an event.
func repeated(event jsontext.Value, times int) []jsontext.Value {
	events := make([]jsontext.Value, times)
	for i := range events {
		events[i] = event
	}
	return events
}

// benchmarkCall measures whole calls of the server, request and recorder
// included.
func benchmarkCall(b *testing.B, function string, events []jsontext.Value) {
	server, body := serveApp(b, testkit.AppFolder(b), io.Discard), delivered(events)
	server.(*bridge.Server).MaxBody = mostMaxBody
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/"+function, strings.NewReader(body))
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
	b.ReportMetric(float64(len(events)), "events/op")
	b.ReportMetric(float64(len(body)), "B/request")
}

// BenchmarkGrowth measures the cost of an event in larger batches, and that of
// larger events.
func BenchmarkGrowth(b *testing.B) {
	text := sample(b, "ce_received_text")[0]
	for _, size := range []int{1, 10, 100, 1_000, 5_000} {
		b.Run(fmt.Sprintf("batch_of_%d", size), func(b *testing.B) { benchmarkCall(b, receiver, repeated(text, size)) })
	}
	for _, kilobytes := range []int{1, 10, 100, 1_000} {
		event := strings.Replace(string(text), `"data":{`, `"data":{"more":"`+strings.Repeat("x", kilobytes*1000-len(text))+`",`, 1)
		b.Run(fmt.Sprintf("event_of_%d_KB", kilobytes), func(b *testing.B) {
			benchmarkCall(b, receiver, []jsontext.Value{jsontext.Value(event)})
		})
	}
}

// BenchmarkPart measures the parts of a call.
func BenchmarkPart(b *testing.B) {
	for _, c := range []struct{ name, function, sample string }{
		{"whole_call_of_a_text", receiver, "ce_received_text"},
		{"whole_call_of_an_image", receiver, "ce_received_image_datacontenttype"},
		{"whole_call_of_a_failed_status", statuses, "ce_status_failed"},
	} {
		b.Run(c.name, func(b *testing.B) { benchmarkCall(b, c.function, sample(b, c.sample)) })
	}

	raw := lenient.Value(sample(b, "ce_received_text")[0])
	event, err := eventgrid.Decode(raw)
	if err != nil {
		b.Fatal(err)
	}
	unparsed := []byte(raw)
	for _, part := range []struct {
		name string
		do   func()
	}{
		{"parse_an_event", func() { _, _ = lenient.Parse(unparsed) }},
		{"read_the_envelope", func() { _, _ = eventgrid.Decode(raw) }},
		{"read_the_message", func() { _, _ = acs.Message(event) }},
	} {
		b.Run(part.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				part.do()
			}
			b.ReportMetric(float64(len(raw)), "B/request")
		})
	}
}
