package bridge

import (
	"encoding/base64"
	"encoding/json/jsontext"
	"fmt"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"whatsapp-functions/handler/quoted"
)

// Results collects what an invocation writes.
type Results struct {
	// names are the outputs that function.json binds.
	names []string
	// outputs are the values of the outputs, in the same order.
	outputs  []output
	counts   []count
	events   int
	rejected []rejectedEvent
	warn     bool
	// response is the answer to an HTTP request. Its status is 0 for any other
	// trigger.
	response Response
	// pending are the counts of the current event.
	pending []count
}

// output is the value of an output: a number of strings.
type output struct {
	text   quoted.Text
	number int
	// length and before are those of text and number before the current event.
	length, before int
}

// count is how often a function counted events under a name.
type count struct {
	group, name string
	number      int
}

// reset prepares for an invocation whose function.json binds these outputs.
func (r *Results) reset(names []string) {
	r.names = names
	r.outputs = slices.Grow(r.outputs[:0], len(names))[:len(names)]
	for i := range r.outputs {
		r.outputs[i].text.Truncate(0)
		r.outputs[i].number = 0
	}
	r.counts, r.events, r.rejected, r.warn = r.counts[:0], 0, nil, false
	r.response = Response{}
}

// New starts a queue message or a row of an output, and returns the text to write
// it to: one JSON object. It returns nil if function.json does not bind the output.
func (r *Results) New(output string) *quoted.Text {
	i := slices.Index(r.names, output)
	if i < 0 {
		return nil
	}
	to := &r.outputs[i]
	if to.number > 0 {
		to.text.NextString()
	}
	to.number++
	return &to.text
}

// Count counts the event under a name in the log. Neither the name nor the group
// may be personal data: use no text of the event.
func (r *Results) Count(group, name string) {
	r.pending = append(r.pending, count{group, name, 1})
}

// Warn makes the completion line in the log a warning, which is written at every
// log level.
func (r *Results) Warn() {
	r.warn = true
}

// handle calls the function for one entry. An error in it affects no other entry.
func (r *Results) handle(function *boundFunction, e Entry, log requestLog) {
	r.begin()
	rejection := call(function, e, r, log)
	if rejection == nil || rejection.Written {
		r.counts = addCounts(r.counts, r.pending)
	} else {
		r.rollback()
	}
	if rejection != nil {
		r.Warn()
		r.rejected = append(r.rejected, newRejectedEvent(e, rejection))
		log.at(zerolog.DebugLevel).Int("event", r.events).Str("reason", string(rejection.Reason)).Bool("written", rejection.Written).Msg("rejected")
	}
	r.events++
}

// begin starts an event.
func (r *Results) begin() {
	for i := range r.outputs {
		to := &r.outputs[i]
		to.length, to.before = to.text.Len(), to.number
	}
	r.pending = r.pending[:0]
}

// rollback drops what the current event has added.
func (r *Results) rollback() {
	for i := range r.outputs {
		to := &r.outputs[i]
		to.text.Truncate(to.length)
		to.number = to.before
	}
}

// addCounts adds counts to those of the same names.
func addCounts(to, counts []count) []count {
	for _, c := range counts {
		i := slices.IndexFunc(to, func(t count) bool { return t.group == c.group && t.name == c.name })
		if i < 0 {
			to = append(to, c)
		} else {
			to[i].number += c.number
		}
	}
	return to
}

// reasons counts the rejected events by reason.
func (r *Results) reasons() (reasons []count) {
	for _, event := range r.rejected {
		reasons = addCounts(reasons, []count{{name: string(event.Reason), number: 1}})
	}
	return reasons
}

// call calls the function for one entry, and turns a panic into a rejection.
func call(function *boundFunction, e Entry, results *Results, log requestLog) (rejection *Rejection) {
	switch {
	case e.Rejection != nil:
		return e.Rejection
	case e.Event == "":
		return Reject(MalformedEvent, "not a JSON object")
	}
	defer func() {
		if value := recover(); value != nil {
			log.panicked(value)
			rejection = Reject(panicked, fmt.Sprintf("%T", value))
		}
	}()
	return function.Handle(e.Event, results)
}

// appendAnswer writes the answer to the host:
//
//	{"Outputs":{"<queue or table>":["<text>",…],"rejectedEvents":"<base64>","<http>":{…}},"Logs":["…"]}
//
// In this form the host writes every text unchanged. It might take a bare string
// for base64 or a date, and would reformat an object. There is always an object,
// because the host waits forever for an answer without one. Logs are billed, so
// there is a line only if something was rejected.
func (r *Results) appendAnswer(to []byte, function *boundFunction, invocationID string) []byte {
	to = append(to, `{"Outputs":{`...)
	first := true
	for i, name := range r.names {
		isRejected := name == rejectedEvents.Name
		if isRejected && len(r.rejected) == 0 || !isRejected && r.outputs[i].number == 0 {
			continue
		}
		if !first {
			to = append(to, ',')
		}
		first = false
		to = append(appendQuote(to, name), ':')
		if isRejected {
			to = append(to, '"')
			to = base64.StdEncoding.AppendEncode(to, newDocument(function.Name, invocationID, r.rejected))
			to = append(to, '"')
		} else {
			to = append(to, `["`...)
			to = append(to, r.outputs[i].text.Bytes()...)
			to = append(to, `"]`...)
		}
	}
	if function.response != "" {
		if !first {
			to = append(to, ',')
		}
		to = appendResponse(append(appendQuote(to, function.response), ':'), r.response)
	}
	to = append(to, '}')
	if len(r.rejected) > 0 {
		to = append(to, `,"Logs":[`...)
		to = append(appendQuote(to, r.logLine()), ']')
	}
	return append(to, '}')
}

// logLine is the line for the host's log of the invocation.
func (r *Results) logLine() string {
	var reasons []string
	for _, c := range r.reasons() {
		reasons = append(reasons, fmt.Sprintf("%s %d", c.name, c.number))
	}
	return fmt.Sprintf("%d of %d events kept in %s: %s", len(r.rejected), r.events, rejectedEvents.Name, strings.Join(reasons, ", "))
}

func appendQuote(to []byte, text string) []byte {
	to, _ = jsontext.AppendQuote(to, text)
	return to
}
