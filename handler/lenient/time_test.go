package lenient_test

import (
	"testing"
	"time"

	"whatsapp-functions/handler/lenient"
)

func TestTime(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-20T09:15:01Z":              "2026-11-20T09:15:01Z",
		"2026-11-20T09:15:01+00:00":         "2026-11-20T09:15:01Z",
		"2026-11-20T14:45:03.28+05:30":      "2026-11-20T09:15:03.28Z",
		"2026-11-20T09:15:01.2610383Z":      "2026-11-20T09:15:01.2610383Z",
		"2026-11-20T09:15:01,5Z":            "2026-11-20T09:15:01.5Z",
		"2026-11-20T09:15:01.1234567891Z":   "2026-11-20T09:15:01.123456789Z",
		"2026-11-20T09:15:01":               "2026-11-20T09:15:01Z",
		"2026-11-20 09:15:01Z":              "2026-11-20T09:15:01Z",
		"2026-11-20t09:15:01z":              "2026-11-20T09:15:01Z",
		"2026-11-20T09:15:01-0330":          "2026-11-20T12:45:01Z",
		"2026-11-20T09:15:01+02":            "2026-11-20T07:15:01Z",
		" 2026-11-20T09:15:01Z ":            "2026-11-20T09:15:01Z",
		"0001-01-01T00:00:00+00:00":         "0001-01-01T00:00:00Z",
		"9999-12-31T23:59:59.9999999+00:00": "9999-12-31T23:59:59.9999999Z",
	} {
		got, ok := lenient.Time(text)
		if s := got.Format(time.RFC3339Nano); !ok || s != want {
			t.Errorf("Time(%q) = %s, %t; want %s", text, s, ok, want)
		}
	}
}

func TestTimeRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                     "",
		"a word":                      "yesterday",
		"a day without a time":        "2026-11-20",
		"a month that is none":        "2026-13-20T09:15:01Z",
		"text after it":               "2026-11-20T09:15:01Z and more",
		"the year 0":                  "0000-12-31T23:59:59Z",
		"the year 10000, once in UTC": "9999-12-31T23:59:59-01:00",
		"the year 0, once in UTC":     "0001-01-01T00:00:00+01:00",
	} {
		if got, ok := lenient.Time(text); ok {
			t.Errorf("%s: Time(%q) = %v, want none", name, text, got)
		}
	}
}
