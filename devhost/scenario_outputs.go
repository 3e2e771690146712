package main

import (
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/simulator"
)

// written is what the app has written since follow.
type written struct {
	items []writtenItem
	// lines describe the deliveries.
	lines []string
	// failed is the reason why not all events are written, or nil.
	failed error
}

// writtenItem is a queue message, a row or a blob.
type writtenItem struct {
	function, output string
	content          jsontext.Value
}

var errNoTranscripts = errors.New("devhost keeps no transcripts, because the outputs are in an account in Azure: use a storage on this machine")

// written reads what the deliveries since follow have written.
func (u *updates) written(ctx context.Context, address string) (w written, err error) {
	for _, d := range u.added() {
		line, failed := outcome(d)
		w.lines = append(w.lines, line)
		if w.failed == nil {
			w.failed = failed
		}
		transcripts, err := readTranscripts(ctx, address, d.ID)
		if err != nil {
			return w, err
		}
		if len(transcripts) < len(d.Invocations) {
			return w, errNoTranscripts
		}
		for _, t := range transcripts {
			for _, output := range t.Outputs {
				for _, item := range output.Items {
					w.items = append(w.items, writtenItem{t.Function, output.Target, content(item)})
				}
			}
		}
	}
	return w, nil
}

// readTranscripts reads the invocations of a delivery from a running devhost.
func readTranscripts(ctx context.Context, address, delivery string) ([]history.Transcript, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	parsed.Path, parsed.RawQuery = simulator.Prefix+"deliveries/"+delivery, ""
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, parsed.String(), nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", parsed.Host, response.Status)
	}
	var details struct {
		Transcripts []history.Transcript `json:"transcripts"`
	}
	err = json.UnmarshalRead(response.Body, &details, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return details.Transcripts, err
}

// content returns an item as JSON: itself, or a string.
func content(item history.Item) jsontext.Value {
	if value := jsontext.Value(item.Text.Text); value.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
		return value
	}
	text := item.Text.Text
	if text == "" {
		text = item.Base64
	}
	quoted, _ := jsontext.AppendQuote(nil, text)
	return quoted
}

// count counts the items that an expectation is about.
func (w written) count(e expectation) (number int) {
	for _, i := range w.items {
		if strings.EqualFold(i.output, e.In) && hasFields(i.content, e.With) {
			number++
		}
	}
	return number
}

// hasFields reports whether JSON has fields with these values. Dots separate the
// names of nested fields.
func hasFields(content jsontext.Value, with map[string]any) bool {
	var value any
	if len(with) > 0 && json.Unmarshal(content, &value, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) != nil {
		return false
	}
	for path, want := range with {
		got := value
		for name := range strings.SplitSeq(path, ".") {
			fields, _ := got.(map[string]any)
			got = fields[name]
		}
		if !reflect.DeepEqual(got, want) {
			return false
		}
	}
	return true
}
