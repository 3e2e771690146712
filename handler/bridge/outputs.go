package bridge

import (
	"slices"

	"whatsapp-functions/handler/quoted"
)

// Outputs collects what one invocation writes.
type Outputs struct {
	names   []string
	written []written
	counts  []count
	counted int
}

// written is what goes to one output: the inside of the elements of a JSON
// array of texts, with what stands between them, and how many they are; and
// how it stood ahead of the event that is being handled.
type written struct {
	text           quoted.Text
	number         int
	length, before int
}

type count struct {
	group, name string
}

// reset starts anew, with what earlier invocations wrote forgotten.
func (o *Outputs) reset(names []string) {
	o.names = names
	o.written = slices.Grow(o.written[:0], len(names))[:len(names)]
	for i := range o.written {
		o.written[i].text.Truncate(0)
		o.written[i].number = 0
	}
	o.counts = o.counts[:0]
}

// Item starts one more message or row of the output, and returns what to write
// it to; nil if function.json does not bind the output.
func (o *Outputs) Item(output string) *quoted.Text {
	i := slices.Index(o.names, output)
	if i < 0 {
		return nil
	}
	w := &o.written[i]
	if w.number > 0 {
		w.text.Cut()
	}
	w.number++
	return &w.text
}

// Count counts an event under a name for the log. Neither may be personal
// data: nothing that came with the event.
func (o *Outputs) Count(group, name string) {
	o.counts = append(o.counts, count{group, name})
}

// mark remembers how things stand.
func (o *Outputs) mark() {
	for i := range o.written {
		w := &o.written[i]
		w.length, w.before = w.text.Len(), w.number
	}
	o.counted = len(o.counts)
}

// rollback takes back what came after mark.
func (o *Outputs) rollback() {
	for i := range o.written {
		w := &o.written[i]
		w.text.Truncate(w.length)
		w.number = w.before
	}
	o.counts = o.counts[:o.counted]
}
