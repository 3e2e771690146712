package host

import (
	"bytes"
	"testing"

	"github.com/rs/zerolog"
)

func TestLinesInTheLog(t *testing.T) {
	for text, want := range map[string]string{
		`ready`: `{"level":"info","component":"handler","message":"ready"}`,
		`{"level":"info","function":"F","n":12345678901234567890,"by": {"a": 1},"message":"one \"m\""}`: `{"level":"info","component":"handler","by":{"a": 1},"function":"F","n":12345678901234567890,"message":"one \"m\""}`,
		`{"level":"debug","time":"12:00","component":"x","message":7}`:                                  `{"level":"info","component":"handler","handler_component":"x","handler_level":"debug","handler_message":7,"handler_time":"12:00"}`,
		`{"a":1,"a":2}`:         `{"level":"info","component":"handler","message":"{\"a\":1,\"a\":2}"}`,
		`{"a":1`:                `{"level":"info","component":"handler","message":"{\"a\":1"}`,
		`null`:                  `{"level":"info","component":"handler","message":"null"}`,
		`[1]`:                   `{"level":"info","component":"handler","message":"[1]"}`,
		`{}`:                    `{"level":"info","component":"handler"}`,
		`azfuncjsonlog:{"a":1}`: `{"level":"info","component":"handler","category":"Host.Function.ToolingConsoleLog","message":"azfuncjsonlog:{\"a\":1}"}`,
	} {
		var out bytes.Buffer
		newLine(text, false, true).log(zerolog.New(&out).With().Str("component", "handler").Logger())
		if got := out.String(); got != want+"\n" {
			t.Errorf("%s\ngot  %swant %s", text, got, want)
		}
	}
}
