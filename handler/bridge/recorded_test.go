package bridge

import (
	"bytes"
	"slices"
	"testing"

	"whatsapp-functions/internal/testkit"
)

// recordedRequest is an HTTP request to the real host, and what the host sent to the
// handler.
type recordedRequest struct {
	Case    string `json:"case"`
	Request struct {
		Body       *string `json:"body"`
		BodyBase64 []byte  `json:"bodyBase64"`
	} `json:"request"`
	HandlerGets []struct {
		Body string `json:"body"`
	} `json:"handlerGets"`
}

// changedByTheHost are the requests whose body does not reach the handler as it was
// sent: it starts with a byte order mark, is not UTF-8, is compressed, or came
// without Content-Length.
var changedByTheHost = []string{"body: bom", "body: bad utf8", "latin-1 bytes said to be latin-1", "gzip", "chunked, no Content-Length"}

// Every other body arrives byte for byte, so that a signature can be checked.
func TestRecordedBodies(t *testing.T) {
	tried := 0
	for _, r := range testkit.ReadRecording[recordedRequest](t, "http.jsonl.gz", 116) {
		if len(r.HandlerGets) == 0 {
			continue // refused by the host
		}
		sent := r.Request.BodyBase64
		if r.Request.Body != nil {
			sent = []byte(*r.Request.Body)
		}
		scratch := new(scratch)
		value, err := triggerValue([]byte(r.HandlerGets[0].Body), "request", scratch)
		if err != nil {
			t.Errorf("%s: %v", r.Case, err)
			continue
		}
		got := readRequest(value, scratch)
		if same := bytes.Equal(got.Body, sent); same == slices.Contains(changedByTheHost, r.Case) {
			t.Errorf("%s: sent %.60q, got %.60q", r.Case, sent, got.Body)
		}
		tried++
	}
	if tried != 105 {
		t.Errorf("%d requests", tried)
	}
}
