package dotnet_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/devhost/dotnet"
)

// What Newtonsoft.Json makes of a text, once read and written again.
func TestRewriting(t *testing.T) {
	for name, test := range map[string]struct {
		text    string
		options dotnet.Options
		want    string
	}{
		"order stays, space goes":          {"{ \"b\" : 1 ,\n\"a\":[ ] }", dotnet.Options{}, `{"b":1,"a":[]}`},
		"escapes become letters":           {`"\u00e9\/\u003c\ud83d\udc4d"`, dotnet.Options{}, `"é/<👍"`},
		"letters that are escaped":         {`"\u2028\u2029\u0085\u001f\b\f\n\r\t\u0000"`, dotnet.Options{}, `"\u2028\u2029\u0085\u001f\b\f\n\r\t\u0000"`},
		"letters that are not":             {"\"\x7f<>&'+\"", dotnet.Options{}, "\"\x7f<>&'+\""},
		"half a character":                 {`"a\ud800b"`, dotnet.Options{}, "\"a\uFFFDb\""},
		"a member twice: the last, first":  {`{"a":1,"b":2,"a":3}`, dotnet.Options{}, `{"a":3,"b":2}`},
		"whole numbers of any size":        {`[12345678901234567890123,-0,007,0x1F]`, dotnet.Options{}, `[12345678901234567890123,0,7,31]`},
		"decimals, as short as they can":   {`[1.10,1.0,1e5,1E-7,1.5E300,0.0001,0.00001,123456789012345.0,1234567890123456.0,-0.0]`, dotnet.Options{}, `[1.1,1.0,100000.0,1E-07,1.5E+300,0.0001,1E-05,123456789012345.0,1.234567890123456E+15,-0.0]`},
		"dates off":                        {`"2023-07-06T18:30:22.1900000Z"`, dotnet.Options{}, `"2023-07-06T18:30:22.1900000Z"`},
		"a date in UTC":                    {`"2023-07-06T18:30:22.1900000Z"`, dotnet.Options{Dates: true}, `"2023-07-06T18:30:22.19Z"`},
		"a date with an offset":            {`"2023-07-06T18:30:19+02:00"`, dotnet.Options{Dates: true}, `"2023-07-06T16:30:19+00:00"`},
		"a date with a short offset":       {`"2023-07-06T18:30:19-0230"`, dotnet.Options{Dates: true}, `"2023-07-06T21:00:19+00:00"`},
		"a date without a zone":            {`"2023-07-06T18:30:19.1234567"`, dotnet.Options{Dates: true}, `"2023-07-06T18:30:19.1234567"`},
		"midnight as 24:00":                {`"2023-07-06T24:00:00Z"`, dotnet.Options{Dates: true}, `"2023-07-07T00:00:00Z"`},
		"the old form of a date":           {`"/Date(1688668219000)/"`, dotnet.Options{Dates: true}, `"2023-07-06T18:30:19Z"`},
		"the old form with an offset":      {`"/Date(1688668219000+0200)/"`, dotnet.Options{Dates: true}, `"2023-07-06T18:30:19+00:00"`},
		"no date: a day only":              {`"2023-07-06"`, dotnet.Options{Dates: true}, `"2023-07-06"`},
		"no date: a space for the T":       {`"2023-07-06 18:30:19Z"`, dotnet.Options{Dates: true}, `"2023-07-06 18:30:19Z"`},
		"no date: eight digits":            {`"2023-07-06T18:30:19.12345678Z"`, dotnet.Options{Dates: true}, `"2023-07-06T18:30:19.12345678Z"`},
		"no date: a dot and no digits":     {`"2023-07-06T18:30:19.Z"`, dotnet.Options{Dates: true}, `"2023-07-06T18:30:19.Z"`},
		"no date: no such day":             {`"2023-02-30T18:30:19Z"`, dotnet.Options{Dates: true}, `"2023-02-30T18:30:19Z"`},
		"no date: something behind it":     {`"2023-07-06T18:30:19Zulu"`, dotnet.Options{Dates: true}, `"2023-07-06T18:30:19Zulu"`},
		"single quotes, names without any": {`{a:'b\'"',$c_1:true}`, dotnet.Options{}, `{"a":"b'\"","$c_1":true}`},
		"a comma too many":                 {`{"a":[1,],}`, dotnet.Options{}, `{"a":[1]}`},
		"comments":                         {"/* a */{// b\n\"a\"/**/:1}//", dotnet.Options{}, `{"a":1}`},
		"words of JavaScript":              {`[undefined,NaN,-Infinity]`, dotnet.Options{}, `[null,"NaN","-Infinity"]`},
		"a byte order mark":                {"\uFEFF[]", dotnet.Options{}, `[]`},
		"something behind it, if allowed":  {`{} garbage`, dotnet.Options{Rest: true}, `{}`},
		"as deep as it may be":             {strings.Repeat("[", 64) + strings.Repeat("]", 64), dotnet.Options{}, strings.Repeat("[", 64) + strings.Repeat("]", 64)},
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
		"nothing":               {" ", "no JSON at all"},
		"cut short":             {`{"a":`, "line 1: the text ends where a value should be"},
		"a text cut short":      {"{\n\"a\":\"b", "line 2: the text ends where a closing quote should be"},
		"a word":                {"{\n  \"a\": hello}", `line 2, byte 9: found 'h' where a value should be`},
		"no colon":              {`{"a" 1}`, `line 1, byte 5: found '1' where a colon should be`},
		"no comma":              {`[1 2]`, `line 1, byte 3: found '2' where a comma or the end of an array should be`},
		"no name":               {`{,}`, `line 1, byte 1: found ',' where a member's name should be`},
		"something behind it":   {`{} {}`, `line 1, byte 3: found '{' where the end should be`},
		"an escape that is no":  {`"\x"`, `line 1, byte 2: found 'x' where an escaped character should be`},
		"too few digits":        {`"\u12"`, `line 1: the text ends where four hexadecimal digits should be`},
		"a comment cut short":   {`/* {}`, `line 1: the text ends where the end of a comment should be`},
		"a number that is none": {`1-2`, `line 1, byte 0: found '1' where a number should be`},
		"too deep":              {strings.Repeat("[", 65), "nested deeper than 64"},
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
	} {
		got, err := dotnet.FormatTime(moment, format)
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", format, got, err, want)
		}
	}
	for _, format := range []string{"d", "yyyy'"} {
		if got, err := dotnet.FormatTime(moment, format); err == nil {
			t.Errorf("%s: got %q, want an error", format, got)
		}
	}
}
