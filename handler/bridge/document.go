package bridge

import (
	"encoding/json/jsontext"
	"strconv"

	"whatsapp-functions/handler/lenient"
)

// rejectedEvent is an event in the document that an invocation writes to
// rejectedEvents.
type rejectedEvent struct {
	entry
	*Rejection
}

// appendDocument writes the document:
//
//	{"function":"…","invocationId":"…","events":[{"reason":"…","detail":"…","written":false,"event":{…}}]}
//
// Each event is as it came, in event or, if it was no JSON object, in text.
func (call *invocation) appendDocument(to []byte) []byte {
	to = append(to, `{"function":`...)
	to = appendQuote(to, call.function.Name())
	to = append(to, `,"invocationId":`...)
	to = appendQuote(to, call.id)
	to = append(to, `,"events":[`...)
	for i, r := range call.rejected {
		if i > 0 {
			to = append(to, ',')
		}
		to = r.append(to)
	}
	return append(to, "]}"...)
}

func (r rejectedEvent) append(to []byte) []byte {
	to = append(to, `{"reason":`...)
	to = appendQuote(to, string(r.Reason))
	to = append(to, `,"detail":`...)
	to = appendQuote(to, r.Detail)
	to = append(to, `,"written":`...)
	to = strconv.AppendBool(to, r.Written)
	if r.event == "" || nestedTooDeep(r.event) {
		to = append(to, `,"text":`...)
		to = appendQuote(to, r.text)
	} else {
		to = append(to, `,"event":`...)
		to = append(to, r.event...)
	}
	return append(to, '}')
}

// depthLimit is how deep JSON may be nested to be read with Go's standard
// library. In the document an event stands three levels deep.
const depthLimit = 10_000 - 3

// nestedTooDeep reports whether an event, which is JSON, can't be inside of
// other JSON. As text it can.
func nestedTooDeep(event lenient.Value) bool {
	return len(event) > 2*depthLimit && event.Depth() > depthLimit
}

// appendQuote appends text as a JSON string. Of what is no UTF-8, which may
// come in a header, U+FFFD is left.
func appendQuote(to []byte, text string) []byte {
	to, _ = jsontext.AppendQuote(to, text)
	return to
}
