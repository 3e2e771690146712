package main

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// row holds the columns of the table Messages that an event is rebuilt from.
type row struct {
	PartitionKey string
	RowKey       string
	EventID      string `json:"EventId"`
	ReceivedAt   string
	Event        string
}

// The types of the events that give a row in Messages.
const (
	typeACS  = "Microsoft.Communication.AdvancedMessageReceived"
	typeMeta = "Meta.WhatsApp.MessageReceived"
)

// eventType returns the type of the event with this data. The data of Meta's events
// has the message in an object, that of ACS has it at the top.
func eventType(data jsontext.Value) string {
	var fields struct {
		Message jsontext.Value `json:"message"`
	}
	if json.Unmarshal(data, &fields, lenient) == nil && fields.Message.Kind() == '{' {
		return typeMeta
	}
	return typeACS
}

// errPage is the error of rows that are not all rows of the query.
var errPage = errors.New("the file is only a page of the rows: run the query again with --marker and the file's nextMarker, and redeliver the next page")

// morePages reports whether az printed a marker of a next page.
func morePages(marker jsontext.Value) bool {
	var fields map[string]jsontext.Value
	if marker.Kind() != '{' {
		return marker.Kind() == '"' && string(marker) != `""`
	}
	if err := json.Unmarshal(marker, &fields, lenient); err != nil {
		return true
	}
	for _, value := range fields {
		if value.Kind() != 'n' && string(value) != `""` {
			return true
		}
	}
	return false
}

// readRows rebuilds the event of each row. A person with two identities has two
// rows of one event, which is delivered once.
func (o options) readRows(value jsontext.Value) (events []event, err error) {
	var rows []row
	if err := json.Unmarshal(value, &rows, lenient); err != nil {
		return nil, fmt.Errorf("not rows of the table Messages: %w", err)
	}
	if o.source == "" && len(rows) > 0 {
		return nil, errors.New("these are rows, which lack the source of their event: pass it with --source")
	}
	seen := map[string]bool{}
	for i, r := range rows {
		if key := r.EventID + "\n" + r.Event; r.EventID != "" && seen[key] {
			continue
		} else {
			seen[key] = true
		}
		e := event{name: fmt.Sprintf("row %d", i)}
		switch {
		case r.EventID == "":
			e.problem = "it is not a row of the table Messages: it has no EventId"
		case r.Event == "":
			e.problem = "it has no column Event, which was too large: the event is in rejected-events"
		default:
			if e.text, err = r.cloudEvent(o.source); err != nil {
				e.problem = err.Error()
			}
		}
		events = append(events, e)
	}
	return events, nil
}

// cloudEvent returns the event that gives this row. It has the same id, source
// and data; its subject is not in the row, and no output depends on it.
func (r row) cloudEvent(source string) (jsontext.Value, error) {
	made := struct {
		ID          string         `json:"id"`
		Source      string         `json:"source"`
		SpecVersion string         `json:"specversion"`
		Type        string         `json:"type"`
		Time        string         `json:"time,omitzero"`
		Data        jsontext.Value `json:"data"`
	}{ID: r.EventID, Source: source, SpecVersion: "1.0", Type: eventType(jsontext.Value(r.Event)), Data: jsontext.Value(r.Event)}
	var err error
	if made.Time, err = r.time(); err != nil {
		return nil, err
	}
	text, err := json.Marshal(made, lenient)
	if err != nil {
		return nil, fmt.Errorf("its column Event is not JSON: %w", err)
	}
	return text, nil
}

// The key of a row starts with lastTick minus the ticks of its message, in
// keyDigits digits. A tick is 100 ns, and the first one starts the year 1.
const (
	lastTick  = 3155378975999999999
	keyDigits = 19
	unixTicks = 621355968000000000
)

// time returns the time that the row's key was computed from: the time of
// receipt, or the event's time if the provider gave none. With another time the
// event would give another row. It is "" if the event had neither.
func (r row) time() (string, error) {
	if _, err := time.Parse(time.RFC3339, r.ReceivedAt); err == nil {
		return r.ReceivedAt, nil
	}
	if len(r.RowKey) < keyDigits {
		return "", errNoTime
	}
	left, err := strconv.ParseUint(r.RowKey[:keyDigits], 10, 64)
	if err != nil || left > lastTick {
		return "", errNoTime
	}
	ticks := int64(lastTick - left)
	if ticks == 0 {
		return "", nil
	}
	ticks -= unixTicks
	return time.Unix(ticks/10_000_000, ticks%10_000_000*100).UTC().Format(time.RFC3339Nano), nil
}

var errNoTime = errors.New("it has neither a time in ReceivedAt nor one in RowKey, so its event would give another row: query the rows with all their columns")
