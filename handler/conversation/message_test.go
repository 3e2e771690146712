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
			if got := test.words.Match(&test.message); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
	if !conversation.NewOptOutWords([]string{"", "…", "🛑"}).Empty() {
		t.Error("noise counts as words")
	}
}
