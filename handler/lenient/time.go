package lenient

import (
	"strings"
	"time"
)

// layouts are the time zones that a timestamp may end with; none means UTC. The
// time package accepts a fraction of a second with each of them.
var layouts = [...]string{
	"2006-01-02T15:04:05Z07:00",
	"2006-01-02T15:04:05",
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05Z07",
}

// Time reads a timestamp in any form that Azure and its older extensions write:
// RFC 3339 with any number of digits, with a space instead of the T, in lower
// case, with a short time zone or none. It returns the time in UTC, and whether
// it is within the years 1 to 9999, which are those of .NET.
func Time(text string) (time.Time, bool) {
	t, err := time.Parse(layouts[0], text)
	if err != nil {
		t, err = parseOther(text)
	}
	t = t.UTC()
	return t, err == nil && t.Year() >= 1 && t.Year() <= 9999
}

// parseOther reads a timestamp that is not of the first layout.
func parseOther(text string) (t time.Time, err error) {
	text = strings.ToUpper(strings.TrimSpace(text))
	if len(text) > 10 && text[10] == ' ' {
		text = text[:10] + "T" + text[11:]
	}
	for _, layout := range layouts {
		if t, err = time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, err
}
