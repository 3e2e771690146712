package conversation

import (
	"strings"
	"unicode"
)

// OptOutWords are the texts by which a person asks to hear no more. Case does
// not matter, nor does anything around them that is no letter or digit.
type OptOutWords struct {
	words []string
}

// NewOptOutWords takes words as a person writes them. A word without a letter
// or digit is no word.
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

// Match reports whether the whole of what was written, or of the button that
// was pressed, is one of the words.
func (w OptOutWords) Match(m Message) bool {
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

// bare is the text without what stands around it: space, punctuation, emoji.
func bare(text string) string {
	return strings.TrimFunc(text, func(r rune) bool {
		isWord := unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)
		return !isWord || unicode.Is(unicode.Variation_Selector, r)
	})
}
