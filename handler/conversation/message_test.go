package conversation_test

import (
	"strings"
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
		text, err := moment.AppendText(nil)
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
	custom := conversation.NewOptOutWords([]string{" Arrêt! ", "Nein, danke.", "…", "बंद", "", "iptal", "Schluß", "στοπος", "stop-it"})
	for name, test := range map[string]struct {
		message conversation.Message
		words   conversation.OptOutWords
		want    bool
	}{
		"the word":                      {conversation.Message{Text: "STOP"}, words, true},
		"in any case, with punctuation": {conversation.Message{Text: " «stop.» \n"}, words, true},
		"two words":                     {conversation.Message{Text: "Opt out!"}, words, true},
		"after a mark of direction":     {conversation.Message{Text: "\u200fSTOP\u200f"}, words, true},
		"with an emoji":                 {conversation.Message{Text: "STOP 🛑"}, words, true},
		"with an emoji of two parts":    {conversation.Message{Text: "❤️ STOP ❤️"}, words, true},
		"as part of a sentence":         {conversation.Message{Text: "please stop"}, words, false},
		"as part of a word":             {conversation.Message{Text: "nonstop"}, words, false},
		"with a letter at its end":      {conversation.Message{Text: "STOP\u0301"}, words, false},
		"only punctuation":              {conversation.Message{Text: "..."}, words, false},
		"nothing":                       {conversation.Message{}, words, false},
		"a button's text":               {conversation.Message{Button: &conversation.Button{Text: "Stop"}}, words, true},
		"a button's payload":            {conversation.Message{Button: &conversation.Button{Text: "No more", Payload: "STOP"}}, words, true},
		"a button picked":               {conversation.Message{Choice: &conversation.Choice{Kind: conversation.ChoiceButton, Title: "Stop"}}, words, true},
		"an entry of a list":            {conversation.Message{Choice: &conversation.Choice{Kind: conversation.ChoiceList, Title: "Stop"}}, words, true},
		"the id of a choice":            {conversation.Message{Choice: &conversation.Choice{Kind: conversation.ChoiceList, ID: "STOP", Title: "No more"}}, words, true},
		"full-width letters":            {conversation.Message{Text: "ＳＴＯＰ"}, words, true},
		"two spaces":                    {conversation.Message{Text: "opt  out"}, words, true},
		"a no-break space":              {conversation.Message{Text: "opt\u00a0out"}, words, true},
		"a line break":                  {conversation.Message{Text: "opt\r\nout"}, words, true},
		"a zero-width space":            {conversation.Message{Text: "ST\u200bOP"}, words, true},
		"decomposed letters":            {conversation.Message{Text: "ARRE\u0302T"}, custom, true},
		"a dotted capital I":            {conversation.Message{Text: "İPTAL"}, custom, true},
		"a dotless capital I":           {conversation.Message{Text: "IPTAL"}, custom, true},
		"a dotless small i":             {conversation.Message{Text: "ıptal"}, custom, true},
		"a dotted small i":              {conversation.Message{Text: "iptal"}, custom, true},
		"a sharp s":                     {conversation.Message{Text: "SCHLUSS"}, custom, true},
		"a final sigma":                 {conversation.Message{Text: "ΣΤΟΠΟΣ"}, custom, true},
		"a hyphen that does not break":  {conversation.Message{Text: "stop\u2011it"}, custom, true},
		"a long message":                {conversation.Message{Text: "stop " + strings.Repeat("x", 100_000)}, words, false},
		"a custom word":                 {conversation.Message{Text: "arrêt"}, custom, true},
		"with punctuation around it":    {conversation.Message{Text: "nein, danke"}, custom, true},
		"in letters that carry marks":   {conversation.Message{Text: "बंद!"}, custom, true},
		"not the default word":          {conversation.Message{Text: "stop"}, custom, false},
		"punctuation is not a word":     {conversation.Message{Text: "…"}, custom, false},
		"a caption is not a message":    {conversation.Message{Media: &conversation.Media{Caption: "STOP"}}, words, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.words.Match(&test.message); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
	if !conversation.NewOptOutWords([]string{"", "…", "🛑"}).Empty() {
		t.Error("punctuation counts as words")
	}
}

// A change of an identity and the change or deletion of a message open no window.
func TestReplyBy(t *testing.T) {
	received, published := at("2026-11-20T09:15:01Z"), at("2026-11-20T09:15:03Z")
	for kind, want := range map[conversation.Kind]conversation.Time{
		conversation.KindText: at("2026-11-21T09:15:01Z"), conversation.KindLocation: at("2026-11-21T09:15:01Z"),
		conversation.KindContacts: at("2026-11-21T09:15:01Z"), conversation.KindOrder: at("2026-11-21T09:15:01Z"),
		conversation.KindReaction: at("2026-11-21T09:15:01Z"), conversation.KindUnsupported: at("2026-11-21T09:15:01Z"),
		conversation.KindWelcome: at("2026-11-21T09:15:01Z"),
		conversation.KindSystem:  none, conversation.KindEdit: none, conversation.KindRevoke: none,
	} {
		m := conversation.Message{Kind: kind, ReceivedAt: received, Published: published}
		if got := m.ReplyBy(); got != want {
			t.Errorf("%s: got %s, want %s", kind, got, want)
		}
	}
}
