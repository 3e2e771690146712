package meta

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json/jsontext"
	"fmt"
	"strings"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/lenient"
)

// accountObject is the value of the field object in webhooks of the Cloud API.
const accountObject = "whatsapp_business_account"

// maxUpdates is the maximum number of updates in a webhook. A webhook with more is
// not split. Meta sends at most 1,000.
const maxUpdates = 10_000

// Part is an update of a webhook, or a part of the webhook that can't be read.
type Part struct {
	// Event is the update as a CloudEvent. It is "" if the part can't be read.
	Event lenient.Value
	// Text is the part that can't be read, and Problem is the reason.
	Text, Problem string
}

// Split splits the body of a webhook into its updates: messages, statuses,
// preferences, and the values of all other fields. The names in profiles are
// removed unless keepNames is true. Nothing of the body is lost: a part that can't be
// read is returned with a Problem.
//
//	{"object":"whatsapp_business_account","entry":[{"id":"<WABA id>","changes":[
//		{"field":"messages","value":{"metadata":{…},"contacts":[…],"messages":[…],"statuses":[…],"errors":[…]}}]}]}
func Split(body []byte, keepNames bool) []Part {
	body = lenient.Clean(body)
	webhook, err := lenient.Parse(body)
	if err != nil {
		return []Part{{Text: string(body), Problem: err.Error()}}
	}
	s := splitter{keepNames: keepNames}
	s.webhook(webhook)
	if len(s.parts) > maxUpdates {
		return []Part{{Text: string(webhook), Problem: fmt.Sprintf("more than %d updates", maxUpdates)}}
	}
	return s.parts
}

// splitter collects the parts of one webhook. Its methods follow the nesting of the
// webhook: webhook, entry, change, value, update.
type splitter struct {
	keepNames bool
	parts     []Part
	// source is the source of the events in the current entry.
	source string
	// time is the time of the current entry, for updates without one.
	time lenient.Value
}

// addProblem adds a part that can't be read.
func (s *splitter) addProblem(part lenient.Value, format string, args ...any) {
	s.parts = append(s.parts, Part{Text: string(part), Problem: fmt.Sprintf(format, args...)})
}

func (s *splitter) webhook(webhook lenient.Value) {
	fields := webhook.Fields()
	if object := text(fields.Get("object")); !strings.EqualFold(object, accountObject) {
		s.addProblem(webhook, "object is not %s", accountObject)
		return
	}
	if empty(fields.Get("entry")) {
		s.addProblem(webhook, "entry is missing or empty")
		return
	}
	for entry := range fields.Get("entry").Elements() {
		s.entry(entry)
		if len(s.parts) > maxUpdates {
			return
		}
	}
}

func (s *splitter) entry(entry lenient.Value) {
	fields := entry.Fields()
	if empty(fields.Get("changes")) {
		s.addProblem(entry, "changes is missing or empty")
		return
	}
	s.source = "urn:meta:whatsapp:" + text(fields.Get("id"))
	s.time = fields.Get("time")
	for change := range fields.Get("changes").Elements() {
		s.change(change)
		if len(s.parts) > maxUpdates {
			return
		}
	}
}

func (s *splitter) change(change lenient.Value) {
	fields := change.Fields()
	value := fields.Get("value")
	if value.Kind() != jsontext.KindBeginObject {
		s.addProblem(change, "value is missing or not an object")
		return
	}
	switch field := text(fields.Get("field")); strings.ToLower(field) {
	case "messages", "":
		s.messages(value)
	case "user_preferences":
		s.preferences(value)
	default:
		s.addChannelEvent(field, value, value)
	}
}

// messages adds the messages and statuses in the value of the field messages. Its
// other fields, such as errors of the account, become an event of the channel.
func (s *splitter) messages(value lenient.Value) {
	fields := value.Fields()
	messages, statuses := fields.Get("messages"), fields.Get("statuses")
	shared := s.readShared(&fields,
		updateList{messages, "from", "from_user_id"},
		updateList{statuses, "recipient_id", "recipient_user_id"})
	for message := range messages.Elements() {
		s.message(message, shared)
	}
	for status := range statuses.Elements() {
		s.status(status, shared)
	}
	if rest := without(value, "messages", "statuses", "contacts"); hasOtherFields(rest) || empty(messages) && empty(statuses) {
		s.addChannelEvent("messages", value, rest)
	}
}

// hasOtherFields reports whether there are fields besides those that every value of
// the field messages has.
func hasOtherFields(rest lenient.Value) bool {
	for name, value := range rest.Members() {
		if !strings.EqualFold(name, "messaging_product") && !strings.EqualFold(name, "metadata") && value.Kind() != jsontext.KindNull {
			return true
		}
	}
	return false
}

func (s *splitter) preferences(value lenient.Value) {
	fields := value.Fields()
	preferences := fields.Get("user_preferences")
	if empty(preferences) {
		s.addChannelEvent("user_preferences", value, value)
		return
	}
	shared := s.readShared(&fields, updateList{preferences, "wa_id", "user_id"})
	for preference := range preferences.Elements() {
		f := preference.Fields()
		contact := shared.contact(text(f.Get("wa_id")), text(f.Get("user_id")))
		s.addUpdate(envelope{eventType: TypePreferenceChanged, time: f.Get("timestamp"), name: "preference", update: preference}, shared, contact)
	}
}

func (s *splitter) message(message lenient.Value, shared shared) {
	f := message.Fields()
	contact := shared.contact(text(f.Get("from")), text(f.Get("from_user_id")))
	id := text(f.Get("id"))
	if id == "" {
		id = digest(message) // with the names, so that the id does not depend on keepNames
	}
	if !s.keepNames && f.Get("system") != "" {
		message = withoutNotice(message)
	}
	s.addUpdate(envelope{
		eventType: TypeMessageReceived, id: id, time: f.Get("timestamp"), name: "message", update: message,
	}, shared, contact)
}

func (s *splitter) status(status lenient.Value, shared shared) {
	f := status.Fields()
	contact := shared.contact(text(f.Get("recipient_id")), text(f.Get("recipient_user_id")))
	s.addUpdate(envelope{
		eventType: TypeStatusUpdated, id: statusEventID(f), time: f.Get("timestamp"), name: "status", update: status,
	}, shared, contact)
}

// envelope describes the CloudEvent of an update.
type envelope struct {
	eventType string
	// id is "" if the update has none. The id is then a hash of the update.
	id   string
	time lenient.Value
	// name is the field of data that holds the update.
	name   string
	update lenient.Value
}

// addUpdate adds the event of an update, {"metadata":…,"contact":…,"<name>":<update>}.
func (s *splitter) addUpdate(e envelope, shared shared, contact lenient.Value) {
	if len(s.parts) > maxUpdates {
		return // Split rejects the webhook as a whole
	}
	if e.update.Kind() != jsontext.KindBeginObject {
		s.addProblem(e.update, "a %s that is not an object", e.name)
		return
	}
	text := s.startEvent(e)
	if shared.metadata != "" {
		text = append(append(append(text, `"metadata":`...), shared.metadata...), ',')
	}
	if contact != "" {
		text = append(append(append(text, `"contact":`...), contact...), ',')
	}
	text = append(append(append(text, '"'), e.name...), `":`...)
	text = append(append(text, e.update...), `}}`...)
	s.parts = append(s.parts, Part{Event: lenient.Value(text)})
}

// addChannelEvent adds the event of a field that has no updates about people. The id
// is a hash of the whole value, so that it does not depend on keepNames.
func (s *splitter) addChannelEvent(field string, whole, value lenient.Value) {
	if !s.keepNames {
		value = withoutNames(value)
	}
	e := envelope{eventType: TypeChannelEvent, id: field + ":" + digest(whole), time: s.time}
	text := append(s.startEvent(e), `"field":`...)
	text = append(appendQuote(text, field), `,"value":`...)
	s.parts = append(s.parts, Part{Event: lenient.Value(append(append(text, value...), `}}`...))})
}

// startEvent returns a CloudEvent up to the brace that starts its data.
func (s *splitter) startEvent(e envelope) []byte {
	if e.id == "" {
		e.id = digest(e.update)
	}
	text := make([]byte, 0, 512+len(e.update))
	text = append(append(text, `{"specversion":"1.0","type":"`...), e.eventType...)
	text = appendQuote(append(text, `","source":`...), s.source)
	text = appendQuote(append(text, `,"id":`...), e.id)
	for _, time := range [...]lenient.Value{e.time, s.time} {
		if at, ok := timestamp(time); ok {
			text = at.AppendFormat(append(text, `,"time":"`...), "2006-01-02T15:04:05.999Z")
			text = append(text, '"')
			break
		}
	}
	return append(text, `,"data":{`...)
}

// statusEventID returns the id of the event of a status, or "" if the status has no
// message id.
func statusEventID(status lenient.Fields) string {
	id := text(status.Get("id"))
	if id == "" {
		return ""
	}
	s := conversation.Status{
		MessageID:   id,
		Participant: participant(status),
		Status:      conversation.StatusName(status.Get("status").Text()),
		Error:       firstError(status.Get("errors")),
	}
	return s.ID()
}

// digest returns 32 hexadecimal digits of the SHA-256 hash of a value.
func digest(value lenient.Value) string {
	hash := sha256.Sum256([]byte(value))
	return hex.EncodeToString(hash[:16])
}

func appendQuote(to []byte, text string) []byte {
	to, _ = jsontext.AppendQuote(to, text)
	return to
}

// empty reports whether a value is not an array, or an array without elements.
func empty(array lenient.Value) bool {
	for range array.Elements() {
		return false
	}
	return true
}
