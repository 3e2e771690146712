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

// keptBytes is how much an invocation may have taken to be kept: a batch of
// 5,000 events, the most that Event Grid makes. To take it anew would make the
// events of large batches three times dearer. What nobody needs for a while the
// pool lets go.
const keptBytes = 48 << 20

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
