package chat

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"time"

	"whatsapp-functions/devhost/host"
)

// written is what is understood of what an app writes: a message of a queue, or
// a document of events that it could not take.
type written struct {
	Data struct {
		EventID string    `json:"eventId"`
		OptOut  bool      `json:"optOut"`
		ReplyBy time.Time `json:"replyBy"`
		Failure *Failure  `json:"failure"`
		Error   struct {
			Code string `json:"code"`
		} `json:"error"`
	} `json:"data"`
	Events []struct {
		Reason string `json:"reason"`
		Detail string `json:"detail"`
		Event  struct {
			ID string `json:"id"`
		} `json:"event"`
	} `json:"events"`
}

// Invoked reads what an invocation wrote of events that are shown.
func (l *Log) Invoked(r host.Result) {
	var all []written
	for _, output := range r.Outcome.Written {
		for _, item := range output.Items {
			var w written
			if bytes.HasPrefix(item.Content, []byte("{")) && json.Unmarshal(item.Content, &w, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) == nil {
				all = append(all, w)
			}
		}
	}
	_ = l.change(func() error {
		for _, w := range all {
			l.said(w)
		}
		return nil
	})
}

func (l *Log) said(w written) {
	if w.Data.Failure != nil && w.Data.Error.Code != "" && len(l.failures) < maxCodes {
		if l.failures == nil {
			l.failures = map[string]Failure{}
		}
		l.failures[w.Data.Error.Code] = *w.Data.Failure
	}
	if t, ok := l.events[w.Data.EventID]; ok {
		said := &t.progress.Said
		said.OptOut, said.ReplyBy = w.Data.OptOut, w.Data.ReplyBy
		if w.Data.Failure != nil {
			said.Failure = w.Data.Failure
		}
		t.entry.revision = l.revision
	}
	for _, rejected := range w.Events {
		if t, ok := l.events[rejected.Event.ID]; ok {
			t.progress.Said.Rejected = rejected.Reason
			if rejected.Detail != "" {
				t.progress.Said.Rejected += ": " + rejected.Detail
			}
			t.entry.revision = l.revision
		}
	}
}
