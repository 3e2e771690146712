package eventgrid

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// The types of the updates in a webhook of Meta.
const (
	TypeMetaMessage    = "Meta.WhatsApp.MessageReceived"
	TypeMetaStatus     = "Meta.WhatsApp.MessageStatusUpdated"
	TypeMetaPreference = "Meta.WhatsApp.UserPreferenceChanged"
	TypeMetaChannel    = "Meta.WhatsApp.ChannelEvent"
)

// webhook is the body of a webhook of Meta.
type webhook struct {
	Entry []struct {
		ID      string `json:"id"`
		Changes []struct {
			Field string         `json:"field"`
			Value jsontext.Value `json:"value"`
		} `json:"changes"`
	} `json:"entry"`
}

// webhookValue is the value of the fields messages and user_preferences.
type webhookValue struct {
	Metadata    jsontext.Value   `json:"metadata,omitzero"`
	Contacts    []jsontext.Value `json:"contacts"`
	Messages    []jsontext.Value `json:"messages"`
	Statuses    []jsontext.Value `json:"statuses"`
	Preferences []jsontext.Value `json:"user_preferences"`
}

// updateFields are the fields that the id and the time of an update are made of.
type updateFields struct {
	ID        string         `json:"id"`
	Status    string         `json:"status"`
	Timestamp jsontext.Value `json:"timestamp"`
	Errors    []struct {
		Code jsontext.Value `json:"code"`
	} `json:"errors"`
	Participant   string `json:"recipient_participant_id"`
	ParticipantID string `json:"recipient_participant_user_id"`
}

// lenient reads the JSON that Meta may send.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// Updates returns the updates in the body of a webhook of Meta as CloudEvents:
// messages, statuses, preferences, and the values of other fields. A body that
// can't be read is one update.
func Updates(body []byte) []Event {
	var w webhook
	_ = json.Unmarshal(body, &w, lenient)
	var updates []Event
	for _, entry := range w.Entry {
		for _, change := range entry.Changes {
			var value webhookValue
			_ = json.Unmarshal(change.Value, &value, lenient)
			found := []Event{}
			for _, list := range []struct {
				items           []jsontext.Value
				eventType, name string
			}{
				{value.Messages, TypeMetaMessage, "message"},
				{value.Statuses, TypeMetaStatus, "status"},
				{value.Preferences, TypeMetaPreference, "preference"},
			} {
				for _, item := range list.items {
					found = append(found, value.update(entry.ID, list.eventType, list.name, item))
				}
			}
			if len(found) == 0 {
				found = append(found, newUpdate(entry.ID, TypeMetaChannel, change.Field+":"+digest(change.Value), nil,
					object(field{"field", quote(change.Field)}, field{"value", change.Value})))
			}
			updates = append(updates, found...)
		}
	}
	if len(updates) == 0 {
		updates = append(updates, newUpdate("", TypeMetaChannel, uuid.NewString(), nil, jsontext.Value("{}")))
	}
	return updates
}

// update returns an update with what it shares with the other ones of a value.
func (v webhookValue) update(account, eventType, name string, item jsontext.Value) Event {
	var f updateFields
	_ = json.Unmarshal(item, &f, lenient)
	id := f.ID
	if eventType == TypeMetaStatus && id != "" {
		id += ":" + strings.ToLower(f.Status)
		if len(f.Errors) > 0 && f.Errors[0].Code != nil && strings.EqualFold(f.Status, "failed") {
			id += ":" + strings.Trim(string(f.Errors[0].Code), `"`)
		}
		if member := cmp.Or(f.ParticipantID, f.Participant); member != "" {
			id += ":" + member
		}
	}
	if id == "" {
		id = digest(item)
	}
	data := []field{{"metadata", v.Metadata}, {name, item}}
	if len(v.Contacts) == 1 {
		data = append(data, field{"contact", v.Contacts[0]})
	}
	return newUpdate(account, eventType, id, f.Timestamp, object(data...))
}

func newUpdate(account, eventType, id string, timestamp, data jsontext.Value) Event {
	e := Event{[]field{{"specversion", quote("1.0")}, {"type", quote(eventType)}, {"source", quote("urn:meta:whatsapp:" + account)}, {"id", quote(id)}}}
	if seconds, err := strconv.ParseInt(strings.Trim(string(timestamp), `"`), 10, 64); err == nil {
		e.fields = append(e.fields, field{"time", quote(time.Unix(seconds, 0).UTC().Format(time.RFC3339))})
	}
	e.fields = append(e.fields, field{"data", data})
	return e
}

// object returns a JSON object with the fields that have a value.
func object(fields ...field) jsontext.Value {
	var e Event
	for _, f := range fields {
		if f.value != nil {
			e.fields = append(e.fields, f)
		}
	}
	return e.JSON()
}

// digest returns the start of the SHA-256 hash of a value.
func digest(value jsontext.Value) string {
	hash := sha256.Sum256(value)
	return hex.EncodeToString(hash[:16])
}
