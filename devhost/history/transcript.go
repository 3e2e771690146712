package history

import (
	"encoding/json/jsontext"
	"net/url"
	"strings"
	"time"

	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/storage"
)

// Transcript is one attempt of an invocation, with its input and its results.
type Transcript struct {
	ID       string    `json:"id"`
	Function string    `json:"function"`
	Started  time.Time `json:"started"`
	// Took is in milliseconds.
	Took float64 `json:"took"`
	// Queue, MessageID and DequeueCount are set if a queue message invoked the
	// function.
	Queue        string `json:"queue,omitzero"`
	MessageID    string `json:"messageId,omitzero"`
	DequeueCount int    `json:"dequeueCount,omitzero"`
	// Events are those of the delivery. That of a queue message is its text, as a
	// string.
	Events      jsontext.Value     `json:"events"`
	Request     string             `json:"request"`
	Status      int                `json:"status,omitzero"`
	ContentType string             `json:"contentType,omitzero"`
	Response    string             `json:"response,omitzero"`
	Outputs     []TranscriptOutput `json:"outputs,omitzero"`
	Logs        []string           `json:"logs,omitzero"`
	Remarks     []string           `json:"remarks,omitzero"`
	Error       string             `json:"error,omitzero"`
}

// TranscriptOutput is what was written to one output.
type TranscriptOutput struct {
	Name   string `json:"name"`
	Target string `json:"target"`
	Items  []Item `json:"items"`
}

// Item is a queue message, row or blob.
type Item struct {
	Name string `json:"name,omitzero"`
	storage.Text
}

// NewTranscript returns the transcript of a result.
func NewTranscript(r host.Result) Transcript {
	t := Transcript{
		ID:          r.Call.ID,
		Function:    r.Call.Function,
		Started:     r.Started.UTC(),
		Took:        milliseconds(r.Took),
		Events:      jsontext.Value(hideKey(r, dotnet.NewArray(r.Call.Events...).Compact())),
		Request:     hideKey(r, r.Exchange.Request),
		Status:      r.Exchange.Status,
		ContentType: r.Exchange.ContentType,
		Response:    r.Exchange.Response,
		Logs:        r.Logs,
		Remarks:     r.Outcome.Remarks,
	}
	if m := r.Call.Message; m != nil {
		t.Queue, t.MessageID, t.DequeueCount = m.Queue, m.ID, m.DequeueCount
	}
	if r.Err != nil {
		t.Error = r.Err.Error()
	}
	for _, w := range r.Outcome.Written {
		output := TranscriptOutput{Name: w.Output, Target: w.Target}
		for _, i := range w.Items {
			output.Items = append(output.Items, Item{i.Name, storage.NewText(i.Content)})
		}
		t.Outputs = append(t.Outputs, output)
	}
	return t
}

// hideKey removes the access key of an HTTP request from a text.
func hideKey(r host.Result, text string) string {
	if r.Call.Key == "" {
		return text
	}
	return strings.NewReplacer(r.Call.Key, "hidden", url.QueryEscape(r.Call.Key), "hidden").Replace(text)
}

// Short returns the first digits of the invocation's id.
func (t Transcript) Short() string { return short(t.ID) }

func short(id string) string { return id[:min(8, len(id))] }
