package lenient

import (
	"strings"
	"time"
)

// The zones that a timestamp may end in; none at all means UTC. A fraction of
// a second needs no mention: the time package accepts one everywhere.
var layouts = [...]string{
	"2006-01-02T15:04:05Z07:00",
	"2006-01-02T15:04:05",
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05Z07",
}

// Time reads a timestamp in any of the spellings that Azure and its older
// extensions use: RFC 3339 with any number of digits, with a space for the T,
// in lower case, with a shortened zone or none. It returns the time in UTC and
// whether there was one between the years 1 and 9999, the years that .NET
// knows.
func Time(text string) (time.Time, bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	if len(text) > 10 && text[10] == ' ' {
		text = text[:10] + "T" + text[11:]
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			t = t.UTC()
			return t, t.Year() >= 1 && t.Year() <= 9999
		}
	}
	return time.Time{}, false
}
