package dotnet

import (
	"regexp"
	"strconv"
	"time"
)

// Date is a .NET DateTime.
type Date struct {
	// Time is in UTC if the zone is known.
	Time time.Time
	Zone Zone
}

// Zone is a DateTime's DateTimeKind.
type Zone uint8

// The zones. A date with an offset becomes Local: the host converts it to its
// own zone, which is UTC in Azure.
const (
	Unspecified Zone = iota
	UTC
	Local
)

// The strings that Newtonsoft.Json takes for dates
// (DateTimeUtils.TryParseDateTime): ISO 8601 with seconds, and the older form of
// Microsoft's AJAX, in milliseconds since 1970.
var (
	isoDate  = regexp.MustCompile(`^(\d{4}-\d\d-\d\dT)(\d\d:\d\d:\d\d)(\.\d{1,7})?(Z|[+-]\d\d(?::?\d\d)?)?$`)
	ajaxDate = regexp.MustCompile(`^/Date\((-?\d+)([+-]\d\d(?::?\d\d)?)?\)/$`)
)

// offsets are Go's layouts for the forms of a zone, by length.
var offsets = map[int]string{0: "", 1: "Z07:00", 3: "-07", 5: "-0700", 6: "-07:00"}

func parseDate(text string) (Date, bool) {
	if parts := ajaxDate.FindStringSubmatch(text); parts != nil {
		milliseconds, err := strconv.ParseInt(parts[1], 10, 64)
		return Date{Time: time.UnixMilli(milliseconds).UTC(), Zone: zoneOf(parts[2], UTC)}, err == nil
	}
	parts := isoDate.FindStringSubmatch(text)
	if parts == nil {
		return Date{}, false
	}
	day, clock, fraction, offset := parts[1], parts[2], parts[3], parts[4]
	days := 0
	if clock == "24:00:00" {
		clock, days = "00:00:00", 1
	}
	t, err := time.Parse("2006-01-02T15:04:05.999999999"+offsets[len(offset)], day+clock+fraction+offset)
	if err != nil || t.Year() < 1 {
		return Date{}, false
	}
	return Date{Time: t.UTC().AddDate(0, 0, days), Zone: zoneOf(offset, Unspecified)}, true
}

func zoneOf(offset string, none Zone) Zone {
	switch offset {
	case "":
		return none
	case "Z":
		return UTC
	default:
		return Local
	}
}

// ISO returns the date as it is written to JSON, without trailing zeros.
func (d Date) ISO() string {
	return d.Time.Format("2006-01-02T15:04:05.9999999") + [...]string{Unspecified: "", UTC: "Z", Local: "+00:00"}[d.Zone]
}

// Culture returns the date as text in .NET's invariant culture. The host's own
// culture may differ.
func (d Date) Culture() string {
	return d.Time.Format("01/02/2006 15:04:05")
}
