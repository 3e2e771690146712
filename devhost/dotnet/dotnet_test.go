package dotnet_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/devhost/dotnet"
)

// A text, read and written again, is what Newtonsoft.Json makes of it.
func TestRewriting(t *testing.T) {
	for name, test := range map[string]struct {
		text    string
		options dotnet.Options
		want    string
	}{
		"the order is kept, spaces are not":                      {"{ \"b\" : 1 ,\n\"a\":[ ] }", dotnet.Options{}, `{"b":1,"a":[]}`},
		"escapes are decoded":                                    {`"\u00e9\/\u003c\ud83d\udc4d"`, dotnet.Options{}, `"é/<👍"`},
		"characters that are escaped":                            {`"\u2028\u2029\u0085\u001f\b\f\n\r\t\u0000"`, dotnet.Options{}, `"\u2028\u2029\u0085\u001f\b\f\n\r\t\u0000"`},
		"characters that are not escaped":                        {"\"\x7f<>&'+\"", dotnet.Options{}, "\"\x7f<>&'+\""},
		"a lone surrogate":                                       {`"a\ud800b"`, dotnet.Options{}, "\"a\uFFFDb\""},
		"a repeated field: the last value at the first position": {`{"a":1,"b":2,"a":3}`, dotnet.Options{}, `{"a":3,"b":2}`},
		"integers of any size":                                   {`[12345678901234567890123,-0,007,0x1F]`, dotnet.Options{}, `[12345678901234567890123,0,7,31]`},
		"decimals in their shortest form":                        {`[1.10,1.0,1e5,1E-7,1.5E300,0.0001,0.00001,123456789012345.0,1234567890123456.0,1e16,1e17,-0.0]`, dotnet.Options{}, `[1.1,1.0,100000.0,1E-07,1.5E+300,0.0001,1E-05,123456789012345.0,1234567890123456.0,10000000000000000.0,1E+17,-0.0]`},
		"dates off":                                              {`"2023-07-06T18:30:22.1900000Z"`, dotnet.Options{}, `"2023-07-06T18:30:22.1900000Z"`},
		"a date in UTC":                                          {`"2023-07-06T18:30:22.1900000Z"`, dotnet.Options{Dates: true}, `"2023-07-06T18:30:22.19Z"`},
		"a date with an offset":                                  {`"2023-07-06T18:30:19+02:00"`, dotnet.Options{Dates: true}, `"2023-07-06T16:30:19+00:00"`},
		"a date with a short offset":                             {`"2023-07-06T18:30:19-0230"`, dotnet.Options{Dates: true}, `"2023-07-06T21:00:19+00:00"`},
		"a date without a zone":                                  {`"2023-07-06T18:30:19.1234567"`, dotnet.Options{Dates: true}, `"2023-07-06T18:30:19.1234567"`},
		"midnight as 24:00":                                      {`"2023-07-06T24:00:00Z"`, dotnet.Options{Dates: true}, `"2023-07-07T00:00:00Z"`},
		"the old form of a date":                                 {`"/Date(1688668219000)/"`, dotnet.Options{Dates: true}, `"2023-07-06T18:30:19Z"`},
		"the old form with an offset":                            {`"/Date(1688668219000+0200)/"`, dotnet.Options{Dates: true}, `"2023-07-06T18:30:19+00:00"`},
		"no date: a day only":                                    {`"2023-07-06"`, dotnet.Options{Dates: true}, `"2023-07-06"`},
		"no date: a space for the T":                             {`"2023-07-06 18:30:19Z"`, dotnet.Options{Dates: true}, `"2023-07-06 18:30:19Z"`},
		"no date: eight digits":                                  {`"2023-07-06T18:30:19.12345678Z"`, dotnet.Options{Dates: true}, `"2023-07-06T18:30:19.12345678Z"`},
		"no date: a dot and no digits":                           {`"2023-07-06T18:30:19.Z"`, dotnet.Options{Dates: true}, `"2023-07-06T18:30:19.Z"`},
		"no date: no such day":                                   {`"2023-02-30T18:30:19Z"`, dotnet.Options{Dates: true}, `"2023-02-30T18:30:19Z"`},
		"no date: followed by letters":                           {`"2023-07-06T18:30:19Zulu"`, dotnet.Options{Dates: true}, `"2023-07-06T18:30:19Zulu"`},
		"single quotes and unquoted names":                       {`{a:'b\'"',$c_1:true}`, dotnet.Options{}, `{"a":"b'\"","$c_1":true}`},
		"a trailing comma":                                       {`{"a":[1,],}`, dotnet.Options{}, `{"a":[1]}`},
		"comments":                                               {"/* a */{// b\n\"a\"/**/:1}//", dotnet.Options{}, `{"a":1}`},
		"words of JavaScript":                                    {`[undefined,NaN,-Infinity]`, dotnet.Options{}, `[undefined,"NaN","-Infinity"]`},
		"a byte order mark":                                      {"\uFEFF[]", dotnet.Options{}, `[]`},
		"text after the value, if allowed":                       {`{} garbage`, dotnet.Options{Rest: true}, `{}`},
		"the deepest nesting allowed":                            {strings.Repeat("[", 64) + strings.Repeat("]", 64), dotnet.Options{}, strings.Repeat("[", 64) + strings.Repeat("]", 64)},
	} {
		t.Run(name, func(t *testing.T) {
			value, err := dotnet.Read([]byte(test.text), test.options)
			if err != nil {
				t.Fatal(err)
			}
			if got := value.Compact(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"nothing":              {" ", "no JSON at all"},
		"a truncated object":   {`{"a":`, "line 1: unexpected end, expected a value"},
		"a truncated string":   {"{\n\"a\":\"b", "line 2: unexpected end, expected a closing quote"},
		"a word":               {"{\n  \"a\": hello}", `line 2, column 8: unexpected 'h', expected a value`},
		"no colon":             {`{"a" 1}`, `line 1, column 6: unexpected '1', expected a colon`},
		"no comma":             {`[1 2]`, `line 1, column 4: unexpected '2', expected a comma or the end of an array`},
		"no name":              {`{,}`, `line 1, column 2: unexpected ',', expected a field's name`},
		"text after the value": {`{} {}`, `line 1, column 4: unexpected '{', expected the end`},
		"an unknown escape":    {`"\x"`, `line 1, column 3: unexpected 'x', expected an escaped character`},
		"too few digits":       {`"\u12"`, `line 1: unexpected end, expected four hexadecimal digits`},
		"a truncated comment":  {`/* {}`, `line 1: unexpected end, expected the end of a comment`},
		"a malformed number":   {`1-2`, `line 1, column 1: unexpected '1', expected a number`},
		"too deep":             {strings.Repeat("[", 65), "nested deeper than 64"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := dotnet.Read([]byte(test.text), dotnet.Options{})
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestIndented(t *testing.T) {
	value, err := dotnet.Read([]byte(`{"a":[1,{}],"b":{"c":[]}}`), dotnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": []\n  }\n}"
	if got := value.Indented(); got != want {
		t.Errorf("got %s", got)
	}
}

func TestString(t *testing.T) {
	for text, want := range map[string]string{
		`null`: "", `true`: "True", `false`: "False", `5.0`: "5", `1e20`: "1E+20", `7`: "7", `"a"`: "a",
		`"2023-07-06T18:30:19.5Z"`: "07/06/2023 18:30:19", `[1]`: "[\n  1\n]",
	} {
		value, err := dotnet.Read([]byte(text), dotnet.Options{Dates: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := value.String(); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	if got := (dotnet.Value{Kind: dotnet.KindFloat, Float: math.Inf(1)}).String(); got != "Infinity" {
		t.Errorf("got %q", got)
	}
}

func TestFormatTime(t *testing.T) {
	moment := time.Date(2026, 3, 9, 15, 4, 5, 67_800_000, time.UTC)
	for format, want := range map[string]string{
		"yyyy-MM-dd":           "2026-03-09",
		"yyyy-MM-ddTHH-mm-ssK": "2026-03-09T15-04-05Z",
		"yyyy/M/d h:mm tt":     "2026/3/9 3:04 PM",
		"ddd dd MMM yy":        "Mon 09 Mar 26",
		"dddd, MMMM":           "Monday, March",
		"HH'h'mm\"m\"":         "15h04m",
		`\Hh`:                  "H3",
		"ss.fff":               "05.067",
		"ss.FFFF":              "05.0678",
		"zz zzz":               "+00 +00:00",
		"%d":                   "9",
		"d":                    "03/09/2026",
		"o":                    "2026-03-09T15:04:05.0678000Z",
		"R":                    "Mon, 09 Mar 2026 15:04:05 GMT",
		"u":                    "2026-03-09 15:04:05Z",
		"y":                    "2026 March",
	} {
		got, err := dotnet.FormatTime(moment, format)
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", format, got, err, want)
		}
	}
	for _, format := range []string{"x", "yyyy'"} {
		if got, err := dotnet.FormatTime(moment, format); err == nil {
			t.Errorf("%s: got %q, want an error", format, got)
		}
	}
}

// What is written is read as the same value again, for every text that is read.
func FuzzRead(f *testing.F) {
	for _, text := range []string{`{"a":[1,1.5,-0x1F,010,1e400,null,true],'b':"\ud83d\u00e9"}`, "/*c*/[undefined,NaN,]//", "{$a:\"2023-07-06T18:30:19.1234567+02:00\"}", "\xE7\xAE[", `"\u12`, `{"a`, "-", `/Date(1)/`} {
		f.Add([]byte(text), true)
	}
	f.Fuzz(func(t *testing.T, text []byte, dates bool) {
		value, err := dotnet.Read(text, dotnet.Options{Dates: dates, Rest: true})
		if err != nil {
			return
		}
		for _, written := range []string{value.Compact(), value.Indented()} {
			again, err := dotnet.Read([]byte(written), dotnet.Options{Dates: dates})
			if err != nil || again.Compact() != value.Compact() {
				t.Errorf("%q is read as %s and written as %s: %v", text, value.Compact(), again.Compact(), err)
			}
		}
	})
}
