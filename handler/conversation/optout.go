package conversation

import (
	"strings"
	"unicode"
)

// OptOutWords are the texts with which people ask for no more messages.
// Comparison ignores case, and everything around the text that is not a letter
// or digit.
type OptOutWords struct {
	words []string
}

// NewOptOutWords returns the words that have a letter or digit.
func NewOptOutWords(words []string) OptOutWords {
	var w OptOutWords
	for _, word := range words {
		if word = bare(word); word != "" {
			w.words = append(w.words, word)
		}
	}
	return w
}

// Empty reports whether there are no words.
func (w OptOutWords) Empty() bool { return len(w.words) == 0 }

// Match reports whether the whole text of a message, or of the button that was
// pressed, is one of the words.
func (w OptOutWords) Match(m *Message) bool {
	if w.match(m.Text) {
		return true
	}
	if m.Button != nil && (w.match(m.Button.Text) || w.match(m.Button.Payload)) {
		return true
	}
	return m.Choice != nil && m.Choice.Kind == ChoiceButton && w.match(m.Choice.Title)
}

func (w OptOutWords) match(text string) bool {
	text = bare(text)
	for _, word := range w.words {
		if strings.EqualFold(text, word) {
			return true
		}
	}
	return false
}

// bare returns text without the white space, punctuation and emoji around it.
func bare(text string) string {
	return strings.TrimFunc(text, func(r rune) bool {
		isWord := unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)
		return !isWord || unicode.Is(unicode.Variation_Selector, r)
	})
}
