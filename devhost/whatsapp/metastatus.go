package whatsapp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Webhook returns the body of the webhook that Meta sends for the status.
func (s Status) Webhook(at time.Time) ([]byte, error) {
	name := strings.ToLower(s.Status)
	switch {
	case !statusWord.MatchString(name):
		return nil, fmt.Errorf("status %q: write %s, played, or another word of letters", s.Status, strings.ToLower(strings.Join(Statuses, ", ")))
	case s.Code != "" && (name == "sent" || name == "delivered" || name == "read" || name == "played"):
		return nil, fmt.Errorf("status %s has no code: only failed and unknown statuses have one", name)
	}
	to := s.To.known()
	status := object{"id": orElse(s.MessageID, NewMessageID(to.Phone)), "status": name, "timestamp": seconds(at)}
	setText(status, "recipient_id", to.Phone)
	contacts := to.contacts()
	if name == "failed" || s.Code != "" {
		code := orElse(s.Code, usualFailure)
		if _, err := strconv.ParseUint(code, 10, 32); err != nil {
			return nil, fmt.Errorf("error code %q: the codes of Meta are numbers", code)
		}
		text := orElse(s.Message, usualMessage(code))
		status["errors"] = []object{metaError(code, text, text+".")}
		contacts = nil
	} else if name != "played" {
		status["pricing"] = object{"billable": false, "pricing_model": "PMP", "category": "service", "type": "free_customer_service"}
	}
	if contacts != nil || to.Phone == "" { // a failure for a number has no id
		status["recipient_user_id"] = to.BSUID
	}
	return webhook("messages", "statuses", status, contacts, s.From)
}

// metaError returns an error with a code of digits.
func metaError(code, title, details string) object {
	number, _ := strconv.Atoi(code)
	return object{"code": number, "title": title, "message": title, "error_data": object{"details": details}}
}

// Preference is what a person wishes about marketing messages. Only Meta
// publishes it.
type Preference struct {
	Person Person `json:"person,omitzero"`
	// Value is stop or resume.
	Value string `json:"value"`
	// To is the id of the business's number.
	To string `json:"to,omitzero"`
}

// Webhook returns the body of the webhook that Meta sends for the preference.
func (p Preference) Webhook(at time.Time) ([]byte, error) {
	if p.Value != "stop" && p.Value != "resume" {
		return nil, errors.New("a preference is stop or resume")
	}
	person := p.Person.known()
	preference := object{
		"user_id": person.BSUID, "category": "marketing_messages", "value": p.Value, "timestamp": at.Unix(),
		"detail": "User requested to " + p.Value + " marketing messages",
	}
	setText(preference, "wa_id", person.Phone)
	return webhook("user_preferences", "user_preferences", preference, person.contacts(), p.To)
}
