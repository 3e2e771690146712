package conversation_test

import (
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

var none conversation.Time

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
			none, at("2026-11-20T09:15:03.1921716Z"),
			"2516071346968078283-m", "2026-11-21T09:15:03.1921716Z",
		},
		"digits beyond the seventh are cut": {
			at("2026-11-20T09:15:01.123456789Z"), none,
			"2516071346988765432-m", "2026-11-21T09:15:01.1234567Z",
		},
		"neither":                      {none, none, "3155378975999999999-m", ""},
		"the year 1 is no time":        {at("0001-01-01T00:00:00Z"), at("2026-11-20T09:15:03Z"), "3155378975999999999-m", ""},
		"some day of the year 1":       {at("0001-06-01T00:00:00Z"), none, "3155378975999999999-m", ""},
		"published in the year 1":      {none, at("0001-01-01T00:00:00Z"), "3155378975999999999-m", ""},
		"the last day there is":        {at("9999-12-31T23:59:59.9999999Z"), none, "0000000000000000000-m", ""},
		"a window up to the last day":  {at("9999-12-30T00:00:00Z"), none, "0000001727999999999-m", "9999-12-31T00:00:00.0000000Z"},
		"an offset is the same moment": {at("2026-11-20T11:15:01+02:00"), none, "2516071346989999999-m", "2026-11-21T09:15:01.0000000Z"},
	} {
		t.Run(name, func(t *testing.T) {
			m := conversation.Message{MessageID: "m", ReceivedAt: test.received, Published: test.published}
			m.Complete()
			if got := m.RowKey(); got != test.rowKey {
				t.Errorf("row key %s, want %s", got, test.rowKey)
			}
			if got := m.ReplyBy.String(); got != test.replyBy {
				t.Errorf("reply by %s, want %s", got, test.replyBy)
			}
		})
	}
}

func TestNewestFirst(t *testing.T) {
	moments := []string{"0002-01-01T00:00:00Z", "1969-12-31T23:59:59.9999999Z", "2026-11-20T09:15:01Z", "2026-11-20T09:15:01.0000001Z", "9999-12-31T00:00:00Z"}
	last := (&conversation.Message{MessageID: "m"}).RowKey()
	for _, moment := range moments {
		key := (&conversation.Message{MessageID: "m", ReceivedAt: at(moment)}).RowKey()
		if key >= last {
			t.Errorf("%s has key %s, which does not sort ahead of %s", moment, key, last)
		}
		last = key
	}
}

func TestMessageID(t *testing.T) {
	for name, test := range map[string]struct {
		message conversation.Message
		want    string
	}{
		"the message's own": {conversation.Message{MessageID: "m", EventID: "e"}, "m"},
		"the event's":       {conversation.Message{EventID: "e"}, "e"},
		"none":              {conversation.Message{}, ""},
	} {
		if got := test.message.ID(); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func TestTimeText(t *testing.T) {
	var back conversation.Time
	for _, moment := range []conversation.Time{none, at("2026-11-20T09:15:03.1921716Z")} {
		text, err := moment.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		if err := back.UnmarshalText(text); err != nil || back != moment {
			t.Errorf("%s came back as %s, %v", moment, back, err)
		}
	}
	if err := back.UnmarshalText([]byte("2026-11-20T09:15:03Z")); err == nil {
		t.Error("a time in another form was taken")
	}
}

func TestOptOut(t *testing.T) {
	words := conversation.NewOptOutWords([]string{"STOP", "opt out"})
	ours := conversation.NewOptOutWords([]string{" Arrêt! ", "Nein, danke.", "…", "बंद", ""})
	for name, test := range map[string]struct {
		message conversation.Message
		words   conversation.OptOutWords
		want    bool
	}{
		"the word":                      {conversation.Message{Text: "STOP"}, words, true},
		"in any case, with noise":       {conversation.Message{Text: " «stop.» \n"}, words, true},
		"two words":                     {conversation.Message{Text: "Opt out!"}, words, true},
		"behind a mark of direction":    {conversation.Message{Text: "\u200fSTOP\u200f"}, words, true},
		"with an emoji":                 {conversation.Message{Text: "STOP 🛑"}, words, true},
		"with an emoji of two parts":    {conversation.Message{Text: "❤️ STOP ❤️"}, words, true},
		"as part of a sentence":         {conversation.Message{Text: "please stop"}, words, false},
		"as part of a word":             {conversation.Message{Text: "nonstop"}, words, false},
		"with a letter at its end":      {conversation.Message{Text: "STOP\u0301"}, words, false},
		"nothing but noise":             {conversation.Message{Text: "..."}, words, false},
		"nothing":                       {conversation.Message{}, words, false},
		"a button's text":               {conversation.Message{Button: &conversation.Button{Text: "Stop"}}, words, true},
		"a button's payload":            {conversation.Message{Button: &conversation.Button{Text: "No more", Payload: "STOP"}}, words, true},
		"a button picked":               {conversation.Message{Choice: &conversation.Choice{Kind: conversation.ChoiceButton, Title: "Stop"}}, words, true},
		"an entry of a list":            {conversation.Message{Choice: &conversation.Choice{Kind: conversation.ChoiceList, Title: "Stop"}}, words, false},
		"a word of one's own":           {conversation.Message{Text: "arrêt"}, ours, true},
		"with noise around it":          {conversation.Message{Text: "nein, danke"}, ours, true},
		"in letters that carry marks":   {conversation.Message{Text: "बंद!"}, ours, true},
		"the usual one is then no word": {conversation.Message{Text: "stop"}, ours, false},
		"noise that was no word":        {conversation.Message{Text: "…"}, ours, false},
		"a caption is not a message":    {conversation.Message{Media: &conversation.Media{Caption: "STOP"}}, words, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.words.Match(test.message); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
	if !conversation.NewOptOutWords([]string{"", "…", "🛑"}).Empty() {
		t.Error("noise counts as words")
	}
}
