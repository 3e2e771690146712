package bridge

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// appendAnswer writes what the host is to write:
//
//	{"Outputs":{"<queue or table>":["<text>",…],"rejectedEvents":"<base64>"},"Logs":["…"]}
//
// In this form every text arrives as it is: a bare text might be taken for
// base64 or a date, an object would be indented and its dates rewritten. There
// is always an object, for the host waits for ever on an answer without one.
// The document goes to rejectedEvents, unless it is empty.
func (call *invocation) appendAnswer(answer, document []byte) []byte {
	answer = append(answer, `{"Outputs":{`...)
	separator := ""
	for i, name := range call.outputs.names {
		w := &call.outputs.written[i]
		switch {
		case name == rejectedEvents.Name && len(document) > 0:
			answer = appendName(answer, separator, name)
			answer = append(answer, '"')
			answer = base64.StdEncoding.AppendEncode(answer, document)
			answer = append(answer, '"')
		case w.number > 0:
			answer = appendName(answer, separator, name)
			answer = append(answer, `["`...)
			answer = append(answer, w.text.Bytes()...)
			answer = append(answer, `"]`...)
		default:
			continue
		}
		separator = ","
	}
	answer = append(answer, '}')
	if len(call.rejected) > 0 {
		answer = append(answer, `,"Logs":[`...)
		answer = appendQuote(answer, call.note())
		answer = append(answer, ']')
	}
	return append(answer, '}')
}

func appendName(answer []byte, separator, name string) []byte {
	answer = append(answer, separator...)
	answer = appendQuote(answer, name)
	return append(answer, ':')
}

// note is the line that the host logs with the invocation, so that whoever
// looks at it there learns of the rejections.
func (call *invocation) note() string {
	var reasons []string
	for _, t := range call.reasons(nil) {
		reasons = append(reasons, fmt.Sprintf("%s %d", t.name, t.number))
	}
	return fmt.Sprintf("%d of %d events kept in %s: %s",
		len(call.rejected), call.events, rejectedEvents.Name, strings.Join(reasons, ", "))
}
