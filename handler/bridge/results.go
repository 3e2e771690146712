package bridge

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"slices"

	"github.com/rs/zerolog"

	"whatsapp-functions/handler/lenient"
)

// Results collects what an invocation writes.
type Results struct {
	// outputs are the names that function.json binds.
	outputs  []string
	items    []item
	counts   []count
	events   int
	rejected []rejectedEvent
}

// item is a queue message or a row.
type item struct {
	output string
	text   string
}

type count struct {
	group, name string
}

func newResults(outputs []string) *Results {
	return &Results{outputs: outputs}
}

// Binds reports whether function.json binds the output.
func (r *Results) Binds(output string) bool {
	return slices.Contains(r.outputs, output)
}

// Add adds a queue message or a row, if function.json binds the output.
func (r *Results) Add(output string, text []byte) {
	if r.Binds(output) {
		r.items = append(r.items, item{output, string(text)})
	}
}

// Count counts the event under a name in the log. Neither the name nor the group
// may be personal data: use no text of the event.
func (r *Results) Count(group, name string) {
	r.counts = append(r.counts, count{group, name})
}

// handle calls the function for one entry. An error in it affects no other entry.
func (r *Results) handle(function *boundFunction, e entry, log requestLog) {
	items, counts := len(r.items), len(r.counts)
	rejection := call(function, e, r, log)
	if rejection != nil {
		if !rejection.Written {
			r.items, r.counts = r.items[:items], r.counts[:counts]
		}
		r.rejected = append(r.rejected, newRejectedEvent(e, rejection))
		log.at(zerolog.DebugLevel).Int("event", r.events).Str("reason", string(rejection.Reason)).Bool("written", rejection.Written).Msg("rejected")
	}
	r.events++
}

// call calls the function for one entry, and turns a panic into a rejection.
func call(function *boundFunction, e entry, results *Results, log requestLog) (rejection *Rejection) {
	if e.event == "" {
		return Reject(MalformedEvent, "not a JSON object")
	}
	defer func() {
		if value := recover(); value != nil {
			log.panicked(value)
			rejection = Reject(panicked, fmt.Sprintf("%T", value))
		}
	}()
	return function.Handle(e.event, results)
}

// answer is the answer to the host:
//
//	{"Outputs":{"<queue or table>":["<text>",…],"rejectedEvents":"<base64>"},"Logs":["…"]}
//
// In this form the host writes every text unchanged. It might take a bare string
// for base64 or a date, and would reformat an object. The object is never empty,
// because the host waits forever for an answer without one.
type answer struct {
	Outputs outputValues
	// Logs are billed, so there is a line only if something was rejected.
	Logs []string `json:",omitempty"`
}

// outputValues are the values of the output bindings.
type outputValues struct {
	results  *Results
	rejected []byte
}

// writeAnswer writes the answer to an invocation.
func (r *Results) writeAnswer(function, invocationID string, to *bytes.Buffer) {
	a := answer{Outputs: outputValues{results: r}}
	if len(r.rejected) > 0 {
		a.Outputs.rejected = newDocument(function, invocationID, r.rejected)
		a.Logs = []string{fmt.Sprintf("%d of %d events kept in %s: %s", len(r.rejected), r.events, rejectedEvents.Name, r.reasons())}
	}
	to.Reset()
	if err := json.MarshalWrite(to, &a, lenient.Options()); err != nil {
		panic(err) // every value has been parsed or built by this program
	}
}

// MarshalJSONTo implements [json.MarshalerTo].
func (o outputValues) MarshalJSONTo(to *jsontext.Encoder) error {
	if err := to.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, output := range o.results.outputs {
		var err error
		if output == rejectedEvents.Name {
			err = o.writeRejected(to)
		} else {
			err = o.writeItems(to, output)
		}
		if err != nil {
			return err
		}
	}
	return to.WriteToken(jsontext.EndObject)
}

func (o outputValues) writeRejected(to *jsontext.Encoder) error {
	if o.rejected == nil {
		return nil
	}
	if err := to.WriteToken(jsontext.String(rejectedEvents.Name)); err != nil {
		return err
	}
	return json.MarshalEncode(to, o.rejected) // in base64
}

func (o outputValues) writeItems(to *jsontext.Encoder, output string) error {
	first := true
	for _, item := range o.results.items {
		if item.output != output {
			continue
		}
		if first {
			first = false
			if err := to.WriteToken(jsontext.String(output)); err != nil {
				return err
			}
			if err := to.WriteToken(jsontext.BeginArray); err != nil {
				return err
			}
		}
		if err := to.WriteToken(jsontext.String(item.text)); err != nil {
			return err
		}
	}
	if first {
		return nil
	}
	return to.WriteToken(jsontext.EndArray)
}
