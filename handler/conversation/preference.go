package conversation

import "strconv"

// Preference is a person's wish to receive messages of a category, or not to.
type Preference struct {
	// EventID is the id of the event that carried the preference.
	EventID string
	// Channel is the business's side of the conversation.
	Channel Channel
	Contact Participant
	// Category is the provider's name for a group of messages, such as
	// marketing_messages.
	Category string
	// Value is one of the values below, or any other in lower case.
	Value string
	// Published is the time of the event.
	Published Time
	// OccurredAt is the time of the change.
	OccurredAt Time
	// Raw is the provider's payload, a JSON object.
	Raw string
}

// The values of a preference.
const (
	PreferenceStop   = "stop"
	PreferenceResume = "resume"
)

// ID returns the id that identifies the preference: the person's first identity,
// the category and the time in seconds since 1970. It is "" if the person is not
// known.
func (p *Preference) ID() string {
	for _, identity := range p.Contact.Identities() {
		return identity + ":" + p.Category + ":" + strconv.FormatInt(p.Time().unix(), 10)
	}
	return ""
}

// Time returns the time of the change, or else that of its event.
func (p *Preference) Time() Time {
	return firstKnown(p.OccurredAt, p.Published)
}
