package main

import (
	"encoding/json/jsontext"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/conversation"
)

func benchServer(b *testing.B) http.Handler {
	b.Helper()
	app, err := bridge.Open(repository, functions(conversation.NewOptOutWords(strings.Split(defaultOptOut, ","))))
	if err != nil {
		b.Fatal(err)
	}
	return &bridge.Server{App: app, MaxBody: defaultMaxBody, Log: zerolog.New(io.Discard)}
}

func benchBody(b *testing.B, name string, n int) string {
	b.Helper()
	events := sample(b, name)
	var all, data []jsontext.Value
	for range n {
		all = append(all, events[0])
		data = append(data, events[0])
	}
	_ = data
	t, _ := jsontext.AppendQuote(nil, "["+strings.Repeat(string(events[0])+",", n-1)+string(events[0])+"]")
	return `{"Data":{"eventGridEvents":` + string(t) + `},"Metadata":{"data":` + string(t) + `,"sys":{"MethodName":"AdvancedMessageTrigger","UtcNow":"2026-11-20T09:15:04Z","RandGuid":"2f7e4d9b-8f0b-4a8e-8d0c-2d4e3b4c5a10"}}}`
}

func BenchmarkServe(b *testing.B) {
	server := benchServer(b)
	for _, c := range []struct {
		name, sample, function string
		n                      int
	}{{"text", "ce_received_text", receiver, 1}, {"image", "ce_received_image_datacontenttype", receiver, 1}, {"failed", "ce_status_failed", statuses, 1}, {"batch100", "ce_received_text", receiver, 100}} {
		body := benchBody(b, c.sample, c.n)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "/"+c.function, strings.NewReader(body))
				w := httptest.NewRecorder()
				server.ServeHTTP(w, r)
				if w.Code != 200 {
					b.Fatal(w.Body)
				}
			}
		})
	}
}
