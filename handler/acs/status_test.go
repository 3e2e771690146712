package acs_test

import (
	"testing"

	"whatsapp-functions/handler/acs"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/lenient"
)

func TestStatus(t *testing.T) {
	nothingKnown := &conversation.Failure{
		Class: "unknown", Retry: "never",
		Advice: "The cause is not known: do not resend automatically; look the code up.",
	}
	occurred, _ := lenient.Time("2026-11-20T09:15:01Z")
	for name, test := range map[string]struct {
		data, subject string
		want          conversation.Status
	}{
		"nothing at all": {
			`{}`, "",
			conversation.Status{Channel: unknown, Status: "unknown"},
		},
		"the id is the data's": {
			`{"messageId":"M1","status":"READ"}`, "advancedMessage/M2/status/Sent",
			conversation.Status{Channel: unknown, MessageID: "M1", Status: "read"},
		},
		"else the subject's": {
			`{"messageId":"","status":null}`, "advancedMessage/75476A19-A68D-4E10-806C-3680F099E069/status/Sent",
			conversation.Status{Channel: unknown, MessageID: "75476a19-a68d-4e10-806c-3680f099e069", Status: "unknown"},
		},
		"a subject of another form": {
			`{"status":"Sent"}`, "advancedMessage/sender/1/recipient/2",
			conversation.Status{Channel: unknown, Status: "sent"},
		},
		"a subject that goes on": {
			`{"status":"Sent"}`, "advancedMessage/M/status/Sent/more",
			conversation.Status{Channel: unknown, Status: "sent"},
		},
		"the spelling of the specification, and space": {
			`{"messageId":" M ","status":"Sent","toBSUID":" US.1 ","receivedTimeStamp":"2026-11-20T09:15:01Z"}`, "",
			conversation.Status{Channel: unknown, MessageID: "M", Status: "sent", To: conversation.Participant{BSUID: "US.1"}, OccurredAt: conversation.At(occurred)},
		},
		"a subject cut short": {
			`{"status":"Sent"}`, "advancedMessage/M/status",
			conversation.Status{Channel: unknown, Status: "sent"},
		},
		"the direction is the other way round": {
			`{"messageId":"M","status":"Delivered","channelType":"whatsApp","from":"C","to":"+1425","toBSUID":"US.1"}`, "",
			conversation.Status{
				MessageID: "M", Status: "delivered",
				Channel: conversation.Channel{Type: "whatsapp", ID: "C"}, To: conversation.Participant{Phone: "1425", BSUID: "US.1"},
			},
		},
		"failed without a word": {
			`{"messageId":"M","status":"failed"}`, "",
			conversation.Status{Channel: unknown, MessageID: "M", Status: "failed", Failure: nothingKnown},
		},
		"failed with half an error": {
			`{"messageId":"M","status":"failed","error":{"channelMessage":"m"}}`, "",
			conversation.Status{Channel: unknown, MessageID: "M", Status: "failed", Error: &conversation.Error{Message: "m"}, Failure: nothingKnown},
		},
		"an error on a status that is not a failure": {
			`{"messageId":"M","status":"delivered","error":{"channelCode":"131026"}}`, "",
			conversation.Status{Channel: unknown, MessageID: "M", Status: "delivered", Error: &conversation.Error{Code: "131026"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := event(test.data)
			if test.subject != "" {
				e.Subject = &test.subject
			}
			got, err := acs.Status(e)
			if err != nil {
				t.Fatal(err)
			}
			test.want.EventID, test.want.Raw = "e", test.data
			compare(t, test.want, got)
		})
	}
}
