package bridge

import (
	"encoding/json/jsontext"
	"slices"
)

// Outputs collects what one invocation writes.
type Outputs struct {
	names   []string
	written []written
	counts  []count
	marks   []written
	counted int
}

// written is what goes to one output: the elements of a JSON array of texts,
// each behind a comma, and how many they are.
type written struct {
	elements []byte
	number   int
}

type count struct {
	group, name string
}

func newOutputs(names []string) *Outputs {
	return &Outputs{names: names, written: make([]written, len(names)), marks: make([]written, len(names))}
}

// Declares reports whether function.json binds the output.
func (o *Outputs) Declares(output string) bool {
	return slices.Contains(o.names, output)
}

// Add writes one text, UTF-8, to the output, unless function.json does not
// bind it.
func (o *Outputs) Add(output string, text []byte) {
	i := slices.Index(o.names, output)
	if i < 0 {
		return
	}
	w := &o.written[i]
	w.elements = append(w.elements, ',')
	w.elements, _ = jsontext.AppendQuote(w.elements, text)
	w.number++
}

// Count counts an event under a name for the log. Neither may be personal
// data: nothing that came with the event.
func (o *Outputs) Count(group, name string) {
	o.counts = append(o.counts, count{group, name})
}

// mark remembers how things stand.
func (o *Outputs) mark() {
	copy(o.marks, o.written)
	o.counted = len(o.counts)
}

// rollback takes back what came after mark.
func (o *Outputs) rollback() {
	copy(o.written, o.marks)
	o.counts = o.counts[:o.counted]
}
