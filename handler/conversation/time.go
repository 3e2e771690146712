package conversation

import (
	"fmt"
	"time"
)

// Time is a moment, or none: its zero value. It is written in UTC with seven
// digits of a second, so that as text moments sort as they happened.
//
// A time.Time alone won't do: its zero value is the first moment of the year 1,
// which is also what .NET programs write for a time that they never set. Such a
// moment is told as it came, and counts as none only where it is reckoned with.
type Time struct {
	moment time.Time
	known  bool
}

const timeLayout = "2006-01-02T15:04:05.0000000Z"

// lastTick is the greatest number of ticks that a .NET DateTime can hold: the
// end of the year 9999.
const lastTick = 3155378975999999999

// tickDigits is how many digits lastTick has.
const tickDigits = 19

// unixTicks are the ticks between the years 1 and 1970. A tick is 100 ns.
const unixTicks = 621355968000000000

// At is the moment t, which must lie between the years 1 and 9999.
func At(t time.Time) Time {
	return Time{moment: t.UTC(), known: true}
}

// IsZero reports whether there is no moment.
func (t Time) IsZero() bool {
	return !t.known
}

// String is the moment as it is written everywhere, or "".
func (t Time) String() string {
	if t.IsZero() {
		return ""
	}
	return string(t.Append(nil))
}

// Append appends what String returns. It takes 28 bytes.
func (t Time) Append(to []byte) []byte {
	if t.IsZero() {
		return to
	}
	year, month, day := t.moment.Date()
	hour, minute, second := t.moment.Clock()
	to = append(appendDigits(to, year, 4), '-')
	to = append(appendDigits(to, int(month), 2), '-')
	to = append(appendDigits(to, day, 2), 'T')
	to = append(appendDigits(to, hour, 2), ':')
	to = append(appendDigits(to, minute, 2), ':')
	to = append(appendDigits(to, second, 2), '.')
	return append(appendDigits(to, t.moment.Nanosecond()/100, 7), 'Z')
}

// appendDigits appends a number, which is not negative, with so many digits.
func appendDigits(to []byte, number, digits int) []byte {
	start := len(to)
	for range digits {
		to = append(to, '0')
	}
	for at := start + digits - 1; at >= start; at-- {
		to[at] = byte('0' + number%10)
		number /= 10
	}
	return to
}

// MarshalText is String for encoders.
func (t Time) MarshalText() ([]byte, error) {
	return []byte(t.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (t *Time) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*t = Time{}
		return nil
	}
	moment, err := time.Parse(timeLayout, string(text))
	if err != nil {
		return fmt.Errorf("no time of the form %s", timeLayout)
	}
	*t = At(moment)
	return nil
}

// year1 reports whether the moment lies in the year 1: nobody meant it.
func (t Time) year1() bool {
	return t.known && t.moment.Year() == 1
}

// newestFirst writes the moment so that later ones sort first: 19 digits. No
// moment, or one in the year 1, counts as the oldest of all.
func (t Time) newestFirst() string {
	ticks := int64(0)
	if t.known && !t.year1() {
		ticks = t.moment.Unix()*10_000_000 + int64(t.moment.Nanosecond()/100) + unixTicks
	}
	return string(appendDigits(make([]byte, 0, tickDigits), int(lastTick-ticks), tickDigits))
}
