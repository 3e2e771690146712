package conversation

import (
	"strings"
	"unicode"
)

// OptOutWords are the texts by which a person asks to hear no more. Case, and
// the space and punctuation around them, do not matter.
type OptOutWords []string

// DefaultOptOutWords are the words that count where nothing else is set.
func DefaultOptOutWords() OptOutWords {
	return OptOutWords{"STOP", "STOP ALL", "STOPALL", "UNSUBSCRIBE", "OPT OUT", "OPT-OUT", "OPTOUT"}
}

// spokenIn reports whether the whole of what was written, or of the button
// that was pressed, is one of the words.
func (w OptOutWords) spokenIn(m Message) bool {
	if w.match(m.Text) {
		return true
	}
	if m.Button != nil && (w.match(m.Button.Text) || w.match(m.Button.Payload)) {
		return true
	}
	return m.Choice != nil && m.Choice.Kind == ChoiceButton && w.match(m.Choice.Title)
}

func (w OptOutWords) match(text string) bool {
	text = strings.TrimFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	})
	if text == "" {
		return false
	}
	for _, word := range w {
		if strings.EqualFold(text, word) {
			return true
		}
	}
	return false
}
