package main

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// row is a row of the table Messages, as far as it is needed.
type row struct {
	PartitionKey string
	RowKey       string
	EventID      string `json:"EventId"`
	ReceivedAt   string
	Event        string
}

// typeReceived is the type of every event that gives a row in Messages.
const typeReceived = "Microsoft.Communication.AdvancedMessageReceived"

// cloudEvent is the event again. What it is known by is the same; its subject
// is not in the row, and nothing depends on it.
func (r row) cloudEvent(source string) (jsontext.Value, error) {
	made := struct {
		ID          string         `json:"id"`
		Source      string         `json:"source"`
		SpecVersion string         `json:"specversion"`
		Type        string         `json:"type"`
		Time        string         `json:"time,omitzero"`
		Data        jsontext.Value `json:"data"`
	}{ID: r.EventID, Source: source, SpecVersion: "1.0", Type: typeReceived, Data: jsontext.Value(r.Event)}
	var err error
	if made.Time, err = r.time(); err != nil {
		return nil, err
	}
	text, err := json.Marshal(made, lenient)
	if err != nil {
		return nil, fmt.Errorf("its column Event is no JSON: %w", err)
	}
	return text, nil
}

// A row's key starts with lastTick less the ticks of its message, in keyDigits
// digits. A tick is 100 ns, and the first one starts the year 1.
const (
	lastTick  = 3155378975999999999
	keyDigits = 19
	unixTicks = 621355968000000000
)

// time is when the message was received or, where the provider did not tell,
// when the event was published: only the row's key knows that, and with another
// time the event would give another row. It is "" where there was neither.
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
