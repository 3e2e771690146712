package history_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/whatsapp"
)

// fileEvent is a queue message about the file of a message.
func fileEvent(kind string, e eventgrid.Event, id, more string) string {
	return fmt.Sprintf(`{"specversion":"1.0","type":"conversation.media.%s.v1","id":"m:media","source":"s","subject":%q,"data":{"eventId":%q,"messageId":%q,"media":{"id":"1","fileName":"a.pdf"},"blob":"c/m.pdf"%s}}`, kind, id, e.ID(), id, more)
}

// written is the result of an invocation that wrote queue messages.
func written(texts ...string) host.Result {
	var r host.Result
	for _, text := range texts {
		r.Outcome.Written = append(r.Outcome.Written, bridge.Written{Items: []bridge.Item{{Content: []byte(text)}}})
	}
	return r
}

func TestFileOfMessage(t *testing.T) {
	e := message(t, whatsapp.Message{ID: "m", Kind: "document", Media: &whatsapp.Media{FileName: "a.pdf"}})
	received := fmt.Sprintf(`{"type":"conversation.message.received.v1","data":{"eventId":%q,"optOut":true}}`, e[0].ID())
	requested := fileEvent("requested", e[0], "m", "")
	failedCall := queueResult(requested, errors.New("the provider answers 503"))
	failedCall.Outcome.Written = nil
	stored := queueResult(requested, nil)
	stored.Outcome = written(fileEvent("stored", e[0], "m", `,"container":"media","size":7,"mimeType":"application/pdf"`)).Outcome
	failed := queueResult(requested, nil)
	failed.Outcome = written(fileEvent("failed", e[0], "m", `,"reason":"gone","detail":"The id is expired.","status":404`)).Outcome
	whole := &history.File{State: history.FileStored, Container: "media", Blob: "c/m.pdf", Size: 7, MimeType: "application/pdf", FileName: "a.pdf", Attempts: 2}
	for name, test := range map[string]struct {
		results []host.Result
		want    *history.File
	}{
		"not asked for":        {[]host.Result{written(received)}, nil},
		"requested":            {[]host.Result{written(received, requested)}, &history.File{State: history.FileRequested, Blob: "c/m.pdf", FileName: "a.pdf"}},
		"failed for now":       {[]host.Result{written(received, requested), failedCall}, &history.File{State: history.FileRequested, Blob: "c/m.pdf", FileName: "a.pdf", Attempts: 2, Error: "the provider answers 503"}},
		"stored":               {[]host.Result{written(received, requested), failedCall, stored}, whole},
		"stored before":        {[]host.Result{stored, written(received, requested)}, whole},
		"permanently failed":   {[]host.Result{written(received, requested), failed}, &history.File{State: history.FileFailed, Blob: "c/m.pdf", FileName: "a.pdf", Reason: "gone", Detail: "The id is expired.", Attempts: 2}},
		"of another message":   {[]host.Result{written(received, fileEvent("requested", message(t, whatsapp.Message{Kind: "text", Text: "x"})[0], "other", ""))}, nil},
		"of an unknown event":  {[]host.Result{written(received, fileEvent("requested", message(t, whatsapp.Message{Kind: "text", Text: "x"})[0], "m", ""))}, &history.File{State: history.FileRequested, Blob: "c/m.pdf", FileName: "a.pdf"}},
		"requested repeatedly": {[]host.Result{written(requested), stored, written(received, requested)}, whole},
	} {
		t.Run(name, func(t *testing.T) {
			l := &history.Log{}
			l.Published(e, at)
			for _, r := range test.results {
				l.Invoked(r)
			}
			got := only(t, l)
			if diff := cmp.Diff(test.want, got.File); diff != "" {
				t.Error(diff)
			}
			if !got.Event.Result.OptOut {
				t.Error("the result of the message is lost")
			}
		})
	}
}

// The trace shows whose file a call is about.
func TestCallForFile(t *testing.T) {
	l := &history.Log{}
	e := message(t, whatsapp.Message{Kind: "text", Text: "x"})
	l.Invoked(queueResult(fileEvent("requested", e[0], "m", ""), nil))
	want := history.Event{ID: "m:media", Type: "conversation.media.requested.v1", What: "file", Message: "m"}
	if got := deliveries(l, 0)[0].Events[0]; got != want {
		t.Errorf("%+v", got)
	}
}
