package record

import (
	"slices"
	"testing"
	"time"

	"whatsapp-functions/handler/conversation"
)

func at(text string) conversation.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return conversation.At(t)
}

var never conversation.Time

func TestMessageTimes(t *testing.T) {
	for name, test := range map[string]struct {
		received, published conversation.Time
		rowKey, replyBy     string
	}{
		"received wins": {
			at("2026-11-20T09:15:01Z"), at("2026-11-20T09:15:03Z"),
			"2516071346989999999-m", "2026-11-21T09:15:01.0000000Z",
		},
		"else published": {
			never, at("2026-11-20T09:15:03.1921716Z"),
			"2516071346968078283-m", "2026-11-21T09:15:03.1921716Z",
		},
		"digits beyond the seventh are cut": {
			at("2026-11-20T09:15:01.123456789Z"), never,
			"2516071346988765432-m", "2026-11-21T09:15:01.1234567Z",
		},
		"neither":                      {never, never, "3155378975999999999-m", ""},
		"received in the year 1":       {at("0001-01-01T00:00:00Z"), at("2026-11-20T09:15:03Z"), "2516071346969999999-m", "2026-11-21T09:15:03.0000000Z"},
		"some day of the year 1":       {at("0001-06-01T00:00:00Z"), never, "3155378975999999999-m", ""},
		"published in the year 1":      {never, at("0001-01-01T00:00:00Z"), "3155378975999999999-m", ""},
		"the last day there is":        {at("9999-12-31T23:59:59.9999999Z"), never, "0000000000000000000-m", ""},
		"a window up to the last day":  {at("9999-12-30T00:00:00Z"), never, "0000001727999999999-m", "9999-12-31T00:00:00.0000000Z"},
		"an offset is the same moment": {at("2026-11-20T11:15:01+02:00"), never, "2516071346989999999-m", "2026-11-21T09:15:01.0000000Z"},
	} {
		t.Run(name, func(t *testing.T) {
			m := conversation.Message{MessageID: "m", ReceivedAt: test.received, Published: test.published}
			if got := MessageRowKey(&m); got != test.rowKey {
				t.Errorf("row key %s, want %s", got, test.rowKey)
			}
			if got := m.ReplyBy().String(); got != test.replyBy {
				t.Errorf("reply by %s, want %s", got, test.replyBy)
			}
		})
	}
}

func TestNewestFirst(t *testing.T) {
	moments := []string{"0002-01-01T00:00:00Z", "1969-12-31T23:59:59.9999999Z", "2026-11-20T09:15:01Z", "2026-11-20T09:15:01.0000001Z", "9999-12-31T00:00:00Z"}
	last := MessageRowKey(&conversation.Message{MessageID: "m"})
	for _, moment := range moments {
		key := MessageRowKey(&conversation.Message{MessageID: "m", ReceivedAt: at(moment)})
		if key >= last {
			t.Errorf("%s has key %s, which does not sort before %s", moment, key, last)
		}
		last = key
	}
}

func TestStatusRowKeys(t *testing.T) {
	for status, want := range map[string]string{
		"read":      "69-read",
		"delivered": "79-delivered",
		"failed":    "84-failed-3155378975999999999--",
		"sent":      "89-sent",
		"unknown":   "99-unknown",
		"played":    "59-played",
		"a/b":       "99-a~2fb",
	} {
		s := conversation.Status{MessageID: "m", Status: status}
		if _, got := StatusKeys(&s); got != want {
			t.Errorf("%s: got %s, want %s", status, got, want)
		}
	}
}

// The statuses of a group's members don't replace each other.
func TestGroupStatusKeys(t *testing.T) {
	member := func(phone, bsuid string) *conversation.Participant {
		p := conversation.NewParticipant(phone, bsuid)
		return &p
	}
	for name, test := range map[string]struct {
		status conversation.Status
		want   string
	}{
		"a phone number": {conversation.Status{Status: "read", Participant: member("14255550123", "")}, "69-read-14255550123"},
		"both":           {conversation.Status{Status: "read", Participant: member("14255550123", "US.1")}, "69-read-US.1"},
		"needs escaping": {conversation.Status{Status: "read", Participant: member("a/b", "")}, "69-read-a~2fb"},
		"nobody":         {conversation.Status{Status: "read", Participant: member("", "")}, "69-read"},
		"a failure":      {conversation.Status{Status: "failed", Error: &conversation.Error{Code: "1"}, Participant: member("14255550123", "")}, "84-failed-3155378975999999999-1-14255550123"},
		"without a code": {conversation.Status{Status: "failed", Participant: member("14255550123", "")}, "84-failed-3155378975999999999---14255550123"},
	} {
		test.status.MessageID = "m"
		partition, got := StatusKeys(&test.status)
		if partition != "m" || got != test.want {
			t.Errorf("%s: got %s, %s, want %s", name, partition, got, test.want)
		}
	}
}

// Whatever the order of statuses, the first row of a message is its current
// status: a delivered message stays delivered.
func TestFirstRowIsCurrent(t *testing.T) {
	for name, test := range map[string]struct {
		came []string
		want string
	}{
		"in order":               {[]string{"sent", "delivered", "read"}, "69-read"},
		"out of order":           {[]string{"read", "sent", "delivered"}, "69-read"},
		"failed after delivered": {[]string{"delivered", "failed"}, "79-delivered"},
		"failed after sent":      {[]string{"failed", "sent"}, "84-failed-3155378975999999999--"},
		"unknown sorts last":     {[]string{"warning", "sent"}, "89-sent"},
	} {
		t.Run(name, func(t *testing.T) {
			var keys []string
			for _, status := range test.came {
				_, key := StatusKeys(&conversation.Status{MessageID: "m", Status: status})
				keys = append(keys, key)
			}
			if got := slices.Min(keys); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// Each failure of a message has a row, the newest one first. A delivery that
// brings an older one again writes to the row of that one.
func TestFailureRowKeys(t *testing.T) {
	key := func(occurred, published conversation.Time, status, code string) string {
		s := conversation.Status{MessageID: "m", Status: status, OccurredAt: occurred, Published: published}
		if code != "" {
			s.Error = &conversation.Error{Code: code}
		}
		_, rowKey := StatusKeys(&s)
		return rowKey
	}
	first, second := at("2026-11-24T10:00:00Z"), at("2026-11-24T10:05:00Z")
	for name, test := range map[string]struct{ got, want string }{
		"with a code":                    {key(first, never, "failed", "131000"), "84-failed-2516067863999999999-131000"},
		"without a code":                 {key(first, never, "failed", ""), "84-failed-2516067863999999999--"},
		"a code that needs escaping":     {key(first, never, "failed", "a/b"), "84-failed-2516067863999999999-a~2fb"},
		"the time of the event":          {key(never, first, "failed", "1"), "84-failed-2516067863999999999-1"},
		"a time in the year 1":           {key(at("0001-01-01T00:00:00Z"), first, "failed", "1"), "84-failed-2516067863999999999-1"},
		"an unknown status with a code":  {key(first, never, "undelivered", "131026"), "84-failed-2516067863999999999-131026"},
		"a known status with a code":     {key(first, never, "delivered", "131026"), "79-delivered"},
		"an unknown status without code": {key(first, never, "undelivered", ""), "99-undelivered"},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %s, want %s", name, test.got, test.want)
		}
	}
	if older, newer := key(first, never, "failed", "131000"), key(second, never, "failed", "131026"); newer >= older {
		t.Errorf("the newer failure %s does not sort before %s", newer, older)
	}
}
