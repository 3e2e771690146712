package main

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
)

// BenchmarkWebhook measures whole calls with signed webhooks: one text message, and
// 1,000 of them.
func BenchmarkWebhook(b *testing.B) {
	for _, updates := range []int{1, 1000} {
		b.Run(fmt.Sprintf("%d updates", updates), func(b *testing.B) {
			server := serveWebhook(b, testkit.AppFolder(b), new(bytes.Buffer), nil)
			body := signedWebhook(webhookOf(updates), "secret").invocation(b)
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				server.ServeHTTP(w, httptest.NewRequestWithContext(b.Context(), "POST", "/"+webhook, strings.NewReader(body)))
				if w.Code != 200 {
					b.Fatal(w.Body)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(updates), "ns/update")
		})
	}
}

// webhookOf returns a webhook with so many text messages.
func webhookOf(updates int) string {
	start, rest, _ := strings.Cut(textWebhook, `"messages":[`)
	message, end, _ := strings.Cut(rest, `]},"field"`)
	messages := make([]string, updates)
	for i := range messages {
		messages[i] = strings.Replace(message, "wamid.", fmt.Sprintf("wamid.%d", i), 1)
	}
	return start + `"messages":[` + strings.Join(messages, ",") + `]},"field"` + end
}
