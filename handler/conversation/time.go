package conversation

import (
	"fmt"
	"time"
)

// Time is a time, or none: its zero value. As text it is in UTC with seven
// digits of a second, so that texts sort by time.
//
// It is not a time.Time because the zero time.Time is the start of the year 1,
// which .NET programs write for a time that they never set. Such a time is kept
// verbatim; it is ignored only when computing keys and windows.
type Time struct {
	time  time.Time
	known bool
}

const timeLayout = "2006-01-02T15:04:05.0000000Z"

// At returns the time t, which must be in the years 1 to 9999.
func At(t time.Time) Time {
	return Time{time: t.UTC(), known: true}
}

// IsZero reports whether the time is not known.
func (t Time) IsZero() bool {
	return !t.known
}

// Std returns the time as a time.Time.
func (t Time) Std() time.Time {
	return t.time
}

// String returns the text of the time, or "".
func (t Time) String() string {
	if t.IsZero() {
		return ""
	}
	return t.time.Format(timeLayout)
}

// AppendText implements [encoding.TextAppender].
func (t Time) AppendText(to []byte) ([]byte, error) {
	if t.IsZero() {
		return to, nil
	}
	return t.time.AppendFormat(to, timeLayout), nil
}

// UnmarshalText reads what AppendText writes.
func (t *Time) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*t = Time{}
		return nil
	}
	parsed, err := time.Parse(timeLayout, string(text))
	if err != nil {
		return fmt.Errorf("not a time of the form %s", timeLayout)
	}
	*t = At(parsed)
	return nil
}

// unix returns the number of seconds since 1970, 0 if the time is not known.
func (t Time) unix() int64 {
	if !t.known {
		return 0
	}
	return t.time.Unix()
}

// year1 reports whether the time is in the year 1, which means that it was never
// set.
func (t Time) year1() bool {
	return t.known && t.time.Year() == 1
}

// firstKnown returns the first time that is known and not in the year 1.
func firstKnown(times ...Time) Time {
	for _, t := range times {
		if t.known && !t.year1() {
			return t
		}
	}
	return Time{}
}
