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

// size is how many bytes it holds.
func (m *memory) size() int {
	size := m.body.Cap() + cap(m.text) + cap(m.document) + cap(m.answer)
	for _, w := range m.outputs.written {
		size += cap(w.text.Bytes())
	}
	return size
}

// memories are those that nobody works in. A few are kept for good: under load
// the collector would take them many times a second, and every page that is
// taken anew costs more than the event that is written to it. What large
// invocations took goes to a pool, which lets go of it once nobody needs it.
type memories struct {
	mu   sync.Mutex
	kept []*memory
	pool sync.Pool
}

const (
	// keptMemories are as many as the host has invocations under way, as a rule.
	keptMemories = 16
	// keptBytes is the most that one of them may hold: a batch of a few hundred.
	keptBytes = 1 << 20
	// pooledBytes is the most that one in the pool may hold: a batch of 5,000
	// events, the most that Event Grid makes, whose events would be three times
	// dearer if it was taken anew.
	pooledBytes = 48 << 20
)

func (m *memories) get() *memory {
	if kept := m.takeKept(); kept != nil {
		return kept
	}
	if pooled, ok := m.pool.Get().(*memory); ok {
		return pooled
	}
	return new(memory)
}

func (m *memories) takeKept() *memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	last := len(m.kept) - 1
	if last < 0 {
		return nil
	}
	kept := m.kept[last]
	m.kept = m.kept[:last]
	return kept
}

func (m *memories) put(used *memory) {
	size := used.size()
	if size <= keptBytes && m.keep(used) {
		return
	}
	if size <= pooledBytes {
		m.pool.Put(used)
	}
}

func (m *memories) keep(used *memory) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.kept) == keptMemories {
		return false
	}
	m.kept = append(m.kept, used)
	return true
}
