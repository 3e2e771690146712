package dotnet

import (
	"strconv"
	"strings"
	"time"
)

// Date is a .NET DateTime: a time on a clock, and what is known of its zone.
type Date struct {
	// Time is in UTC if the zone is known.
	Time time.Time
	Zone Zone
}

// Zone is a DateTime's DateTimeKind.
type Zone uint8

// The zones. A text with an offset becomes a Local time: the host converts it
// to its own zone, which in Azure is UTC.
const (
	Unspecified Zone = iota
	UTC
	Local
)

// parseDate reads the texts that Newtonsoft.Json takes for dates
// (DateTimeUtils.TryParseDateTime): ISO 8601 with seconds, and the old form of
// Microsoft's AJAX.
func parseDate(text string) (Date, bool) {
	if inner, ok := strings.CutPrefix(text, "/Date("); ok {
		return parseAJAX(inner)
	}
	if len(text) < 19 || len(text) > 40 || text[10] != 'T' {
		return Date{}, false
	}
	clock, rest := text[:19], text[19:]
	day := 0
	if clock[11:] == "24:00:00" {
		clock, day = clock[:11]+"00:00:00", 1
	}
	t, err := time.Parse("2006-01-02T15:04:05", clock)
	if err != nil || t.Year() < 1 {
		return Date{}, false
	}
	t = t.AddDate(0, 0, day)
	fraction, zone := splitFraction(rest)
	if fraction != "" {
		nanos, err := strconv.Atoi((fraction + "00")[:9])
		if err != nil {
			return Date{}, false
		}
		t = t.Add(time.Duration(nanos))
	}
	switch {
	case strings.HasPrefix(rest, ".") && fraction == "":
		return Date{}, false
	case zone == "":
		return Date{Time: t}, true
	case zone == "Z":
		return Date{Time: t, Zone: UTC}, true
	default:
		offset, ok := parseOffset(zone)
		return Date{Time: t.Add(-offset), Zone: Local}, ok
	}
}

// splitFraction cuts off a fraction of one to seven digits, padded to seven.
func splitFraction(text string) (fraction, rest string) {
	if !strings.HasPrefix(text, ".") {
		return "", text
	}
	digits := 1
	for digits < len(text) && digits <= 7 && '0' <= text[digits] && text[digits] <= '9' {
		digits++
	}
	if digits == 1 {
		return "", text
	}
	return (text[1:digits] + "000000")[:7], text[digits:]
}

// parseOffset reads +hh:mm, +hhmm or +hh.
func parseOffset(text string) (time.Duration, bool) {
	sign := time.Duration(1)
	switch {
	case strings.HasPrefix(text, "-"):
		sign = -1
	case !strings.HasPrefix(text, "+"):
		return 0, false
	}
	digits := text[1:]
	if len(digits) == 5 && digits[2] == ':' {
		digits = digits[:2] + digits[3:]
	}
	if len(digits) == 2 {
		digits += "00"
	}
	if len(digits) != 4 {
		return 0, false
	}
	hours, err := strconv.ParseUint(digits[:2], 10, 8)
	if err != nil {
		return 0, false
	}
	minutes, err := strconv.ParseUint(digits[2:], 10, 8)
	if err != nil || minutes > 59 {
		return 0, false
	}
	return sign * (time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute), true
}

// parseAJAX reads what follows "/Date(": milliseconds since 1970 and, for a
// local time, an offset.
func parseAJAX(text string) (Date, bool) {
	inner, ok := strings.CutSuffix(text, ")/")
	if !ok {
		return Date{}, false
	}
	zone := UTC
	if i := strings.LastIndexAny(inner, "+-"); i > 0 {
		if _, ok := parseOffset(inner[i:]); !ok {
			return Date{}, false
		}
		inner, zone = inner[:i], Local
	}
	milliseconds, err := strconv.ParseInt(inner, 10, 64)
	if err != nil {
		return Date{}, false
	}
	return Date{Time: time.UnixMilli(milliseconds).UTC(), Zone: zone}, true
}

// ISO is the date as JSON is written: without the zeros at its end.
func (d Date) ISO() string {
	text := d.Time.Format("2006-01-02T15:04:05.9999999")
	switch d.Zone {
	case UTC:
		return text + "Z"
	case Local:
		return text + "+00:00"
	default:
		return text
	}
}

// Culture is the date as text for people, in .NET's invariant culture. The
// host's own culture may differ.
func (d Date) Culture() string {
	return d.Time.Format("01/02/2006 15:04:05")
}
