package bridge

import (
	"bytes"
	"encoding/json/jsontext"
	"sync"
)

// memory is what an invocation works in. Later ones use it again: it holds
// nothing that they could read before they have written over it.
type memory struct {
	body     bytes.Buffer
	source   bytes.Buffer
	decoder  jsontext.Decoder
	text     []byte
	outputs  Outputs
	document []byte
	answer   []byte
}

// memories are those that nobody works in.
type memories struct {
	pool sync.Pool
}

// keptBytes is how large a buffer may be that is kept. A delivery of Event Grid
// has 64 KiB as a rule; what the rare one of a megabyte took is not to stay.
const keptBytes = 1 << 20

func (m *memories) get() *memory {
	if kept, ok := m.pool.Get().(*memory); ok {
		return kept
	}
	return new(memory)
}

func (m *memories) put(used *memory) {
	size := used.body.Cap() + cap(used.text) + cap(used.document) + cap(used.answer)
	for _, w := range used.outputs.written {
		size += cap(w.text.Bytes())
	}
	if size <= keptBytes {
		m.pool.Put(used)
	}
}
