package history

import (
	"encoding/json/jsontext"
	"encoding/json/v2"

	"whatsapp-functions/devhost/eventgrid"
)

// newQueueEvent describes a queue message on one line: the event that it holds,
// or else its id and the start of its text.
func newQueueEvent(id, text string) Event {
	if parsed, err := eventgrid.ParseEvents([]byte(text)); err == nil && len(parsed) == 1 {
		shown := newEvent(parsed[0])
		if _, ok := fileStates[shown.Type]; ok {
			var about fileReport
			_ = json.Unmarshal(parsed[0].Data(), &about, tolerant)
			shown.What, shown.Message = "file", about.MessageID
		}
		return shown
	}
	return Event{ID: id, Type: "queue message", Text: oneLine(text)}
}

// messageText returns the text of a queue message in a transcript's events.
func messageText(events jsontext.Value) string {
	var texts []string
	if json.Unmarshal(events, &texts, tolerant) != nil || len(texts) != 1 {
		return ""
	}
	return texts[0]
}
