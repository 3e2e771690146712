package bridge

import (
	"bytes"
	"sync"
)

// scratch holds the buffers of one invocation. A later invocation uses them again,
// after overwriting what they hold.
type scratch struct {
	body   bytes.Buffer
	text   []byte
	answer bytes.Buffer
}

// size returns the capacity of all buffers in bytes.
func (s *scratch) size() int {
	return s.body.Cap() + cap(s.text) + s.answer.Cap()
}

// maxScratch is the maximum size of a scratch that is kept: that of a few hundred
// events.
const maxScratch = 1 << 20

// scratchPool keeps scratch buffers for later invocations.
type scratchPool struct {
	pool sync.Pool
}

func (p *scratchPool) get() *scratch {
	if kept, ok := p.pool.Get().(*scratch); ok {
		return kept
	}
	return new(scratch)
}

// put keeps a scratch unless it has grown too large.
func (p *scratchPool) put(used *scratch) {
	if used.size() <= maxScratch {
		p.pool.Put(used)
	}
}
