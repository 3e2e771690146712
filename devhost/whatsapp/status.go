package whatsapp

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Status is the status of a message that the business sent.
type Status struct {
	// MessageID is a new id if it is empty.
	MessageID string `json:"messageId,omitzero"`
	// Status is one of [Statuses] in any case, or a status that WhatsApp may
	// add: a word of letters.
	Status string `json:"status"`
	// From is the business's channel.
	From string `json:"from,omitzero"`
	To   Person `json:"to,omitzero"`
	// Code is the code of a failure, or of a status that is not in [Statuses]:
	// one of [Failures] or any other.
	Code string `json:"code,omitzero"`
	// Message is the error's text; the usual text of the code if it is empty.
	Message string `json:"message,omitzero"`
}

// Statuses are the known statuses, as events spell them.
var Statuses = []string{"Sent", "Delivered", "Read", "Failed"}

// usualFailure is the code of a failure without one.
const usualFailure = "131026"

// Failure is a reason why a message is not delivered.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Failures are the most useful ones of Meta's list
// (https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes).
var Failures = []Failure{
	{"131026", "Message undeliverable"},
	{"131047", "Re-engagement message"},
	{"131050", "User has opted out of marketing messages"},
	{"131056", "(Business Account, Consumer Account) pair rate limit hit"},
	{"130429", "Rate limit hit"},
	{"131000", "Something went wrong"},
	{"131053", "Media upload error"},
	{"131048", "Spam rate limit hit"},
	{"131049", "This message was not delivered to maintain healthy ecosystem engagement"},
	{"131031", "Business Account locked"},
	{"132001", "Template does not exist"},
	{"131042", "Business eligibility payment issue"},
}

// statusData is the payload of a status event.
type statusData struct {
	MessageID         string     `json:"messageId"`
	Status            string     `json:"status"`
	ChannelType       string     `json:"channelType"`
	From              string     `json:"from"`
	To                string     `json:"to"`
	ToBSUID           string     `json:"toBSUID,omitzero"`
	ReceivedTimestamp string     `json:"receivedTimestamp"`
	Error             *errorData `json:"error,omitzero"`
}

type errorData struct {
	ChannelCode    string `json:"channelCode"`
	ChannelMessage string `json:"channelMessage"`
}

// statusWord is the form of a status that is not known.
var statusWord = regexp.MustCompile(`^[A-Za-z]{1,40}$`)

// Event returns the event that Azure Communication Services publishes for the
// status.
func (s Status) Event(at time.Time) (Event, error) {
	status := s.Status
	i := slices.IndexFunc(Statuses, func(known string) bool { return strings.EqualFold(known, s.Status) })
	switch {
	case i >= 0:
		status = Statuses[i]
		if s.Code != "" && status != "Failed" {
			return Event{}, fmt.Errorf("status %s has no code: only failed and unknown statuses have one", strings.ToLower(status))
		}
	case !statusWord.MatchString(status):
		return Event{}, fmt.Errorf("status %q: write %s, or another word of letters", s.Status, strings.ToLower(strings.Join(Statuses, ", ")))
	}
	to := s.To.orNobody()
	data := statusData{
		MessageID:         orElse(s.MessageID, uuid.NewString()),
		Status:            status,
		ChannelType:       channelType,
		From:              orElse(s.From, Channel),
		To:                to.Phone,
		ToBSUID:           to.BSUID,
		ReceivedTimestamp: received(at),
	}
	if status == "Failed" || s.Code != "" {
		code := orElse(s.Code, usualFailure)
		data.Error = &errorData{code, orElse(s.Message, usualMessage(code))}
	}
	return newEvent(TypeStatus, "advancedMessage/"+data.MessageID+"/status/"+status, at, data)
}

// usualMessage returns the usual text of a code.
func usualMessage(code string) string {
	for _, failure := range Failures {
		if failure.Code == code {
			return failure.Message
		}
	}
	return "Message failed"
}
