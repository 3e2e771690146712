package main

import (
	"encoding/json/jsontext"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Hostile events do no harm: each is written or rejected, the host writes the
// answer unchanged, and every row has the event's own keys.
func TestHostileEvents(t *testing.T) {
	p := newProver(t)
	const received = `{"id":"e","eventType":"Microsoft.Communication.AdvancedMessageReceived","data":%s}`
	const changed = `{"id":"e","eventType":"Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated","data":%s}`
	for name, data := range map[string]string{
		"nested 60 deep":                      `{"content":"x","d":` + strings.Repeat("[", 60) + strings.Repeat("]", 60) + `}`,
		"nested 9,000 deep":                   `{"content":"x","d":` + strings.Repeat(`{"a":`, 9_000) + "1" + strings.Repeat("}", 9_000) + `}`,
		"a number of 100,000 digits":          `{"messageId":` + strings.Repeat("9", 100_000) + `}`,
		"a number out of range":               `{"messageId":"m","from":1e999999999,"content":-1e-999999999}`,
		"every field ten times":               `{` + strings.Repeat(`"messageId":"a","from":"1","content":"x",`, 10) + `"messageId":"b"}`,
		"10,000 fields":                       `{"messageId":"m",` + strings.Repeat(`"a":1,`, 10_000) + `"b":1}`,
		"invalid UTF-8":                       "{\"messageId\":\"\xff\xfe\",\"content\":\"\xc0\xaf\xed\xa0\x80\"}",
		"lone surrogates":                     `{"messageId":"\ud800","content":"\udfff\ud800"}`,
		"NUL":                                 `{"messageId":"\u0000","from":"\u0000","to":"\u0000","content":"a\u0000b"}`,
		"a byte order mark in strings":        `{"messageId":"\ufeff","content":"\ufeff{}"}`,
		"JSON that would end the row's":       `{"messageId":"m\",\"PartitionKey\":\"victim","content":"\"}"}`,
		"another row's keys":                  `{"messageId":"m","from":"1","to":"c","PartitionKey":"victim","RowKey":"victim","ETag":"W/x"}`,
		"a channel that ends in another":      `{"messageId":"m","to":"a|14255550123","from":""}`,
		"a path for an id":                    `{"messageId":"../../../etc/passwd","from":"..","to":"/","media":{"id":"../x","fileName":"../../x\u0000.jpg"}}`,
		"keys that Azure Tables refuses":      `{"messageId":"/\\#?\u0001\u007f\u0085","from":"#","to":"?"}`,
		"an id longer than a key":             `{"messageId":"` + strings.Repeat("é", 5_000) + `","from":"` + strings.Repeat("1", 5_000) + `"}`,
		"texts that the host takes for bytes": `{"messageId":"test","content":"12345678","from":"AAAA","to":"AAAA"}`,
		"texts that the host takes for JSON":  `{"messageId":"[1]","content":"{}","from":"[","to":"]"}`,
		"texts that the host takes for dates": `{"messageId":"2026-11-20T09:15:03Z","content":"/Date(0)/","from":"2026-11-20T09:15:03Z"}`,
		"expressions of binding paths":        `{"messageId":"{rand-guid}","content":"%AzureWebJobsStorage%","to":"{sys.utcnow}"}`,
		"an own traceparent":                  `{"messageId":"m","traceparent":"00-0-0-0\r\nX: y"}`,
		"100,000 quotes":                      `{"messageId":"m","content":"` + strings.Repeat(`\"`, 100_000) + `"}`,
		"no data":                             `null`,
	} {
		for function, event := range map[string]string{receiver: fmt.Sprintf(received, data), statuses: fmt.Sprintf(changed, data)} {
			t.Run(name+" at "+function, func(t *testing.T) {
				for _, trigger := range []string{event, many([]jsontext.Value{jsontext.Value(event)})} {
					a := p.invoke(t, function, []byte("\uFEFF"+string(request(trigger))))
					if a == nil {
						t.Fatal("the body is refused")
					}
					a.checkAccounts(t, function, 1)
					if len(a.Outputs.Messages) > 2 || len(a.Outputs.MessageStatus) > 1 {
						t.Errorf("too many rows: %d, %d", len(a.Outputs.Messages), len(a.Outputs.MessageStatus))
					}
					for _, row := range append(a.Outputs.Messages, a.Outputs.MessageStatus...) {
						if strings.Contains(row, `"PartitionKey":"victim`) || strings.Count(row, `"ETag":"`) != 1 {
							t.Errorf("another row: %.500s", row)
						}
					}
				}
			})
		}
	}
}

// A page in a browser may send a request to the handler, but no header lets it read
// the answer, and no preflight request succeeds.
func TestBrowsersGetNothing(t *testing.T) {
	p := newProver(t)
	for _, method := range []string{http.MethodGet, http.MethodOptions, http.MethodPost} {
		for _, path := range []string{"/", "/" + receiver} {
			r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(`{"Data":{"eventGridEvents":[]}}`))
			r.Host = "attacker.example"
			r.Header.Set("Origin", "https://attacker.example")
			r.Header.Set("Access-Control-Request-Method", "POST")
			w := httptest.NewRecorder()
			p.server.ServeHTTP(w, r)
			if method == http.MethodOptions && w.Code < 400 {
				t.Errorf("OPTIONS %s: answer %d", path, w.Code)
			}
			for name := range w.Header() {
				if strings.HasPrefix(name, "Access-Control-") || name == "Set-Cookie" {
					t.Errorf("%s %s: header %s", method, path, name)
				}
			}
		}
	}
}

// Only the exact name of a function is its path.
func TestOtherPaths(t *testing.T) {
	p := newProver(t)
	for _, path := range []string{
		"/../" + statuses, "/" + statuses + "/", "//" + statuses, "/./" + statuses, "/" + statuses + "/../" + receiver, "/statustrigger", "/" + statuses + "\x00",
		"/" + statuses + "%2f", "/function.json", "/../../etc/passwd", "/" + statuses + "/function.json", "", "/\\" + statuses,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(`{"Data":{"eventGridEvents":[]}}`))
		r.URL.Path = path
		w := httptest.NewRecorder()
		p.server.ServeHTTP(w, r)
		if w.Code != http.StatusNotFound {
			t.Errorf("%q: answer %d", path, w.Code)
		}
	}
}
