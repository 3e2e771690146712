package conversation

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// OptOutWords are the texts with which people ask for no more messages.
type OptOutWords struct {
	words []string
}

// NewOptOutWords returns the words that have a letter or digit.
func NewOptOutWords(words []string) OptOutWords {
	var w OptOutWords
	for _, word := range words {
		if word = folded(word); word != "" {
			w.words = append(w.words, word)
		}
	}
	return w
}

// Empty reports whether there are no words.
func (w OptOutWords) Empty() bool { return len(w.words) == 0 }

// Match reports whether the whole text of a message, or of the button or list
// entry that was chosen, is one of the words.
func (w OptOutWords) Match(m *Message) bool {
	return w.match(m.Text) ||
		m.Button != nil && (w.match(m.Button.Text) || w.match(m.Button.Payload)) ||
		m.Choice != nil && (w.match(m.Choice.Title) || w.match(m.Choice.ID))
}

func (w OptOutWords) match(text string) bool {
	return text != "" && len(text) <= maxOptOut && slices.Contains(w.words, folded(text))
}

// maxOptOut is the size of the longest text that is compared. A longer one is a
// message of another kind, and folding it takes time.
const maxOptOut = 2000

// folded returns the form in which texts are compared. Two texts have the same
// form if they differ only in case, in the encoding of their characters (composed,
// decomposed, full-width), in white space and dashes, in invisible characters, or
// in punctuation and emoji around them. The dotted and the dotless i of Turkish are
// one letter, because the case of I does not say which one is meant.
func folded(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) < 0 {
		return bare(strings.ToLower(text)) // what the rest does to ASCII
	}
	text = cases.Fold().String(norm.NFKC.String(text))
	text = strings.Map(func(r rune) rune {
		switch {
		case r == 'ı':
			return 'i'
		case r == '\u0307' || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
			return -1 // İ is folded to i and a dot above
		case unicode.Is(unicode.Pd, r):
			return '-'
		default:
			return r
		}
	}, norm.NFKD.String(text))
	return bare(norm.NFKC.String(text))
}

// bare returns text without what is not a letter or digit around it, and with one
// space for each run of white space.
func bare(text string) string {
	text = strings.TrimFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	})
	if strings.ContainsAny(text, "\t\n\v\f\r\u0085\u2028\u2029") || strings.Contains(text, "  ") {
		return strings.Join(strings.Fields(text), " ")
	}
	return text
}
