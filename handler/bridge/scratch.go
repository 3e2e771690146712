package bridge

import (
	"bytes"
	"sync"
)

// scratch holds the buffers of one invocation. A later invocation uses them again,
// after overwriting what they hold.
type scratch struct {
	// body is the body of the request, value that of the trigger in it.
	body  bytes.Buffer
	value []byte
	// text is the text of a string in value: the whole value, or in an HTTP
	// request its body.
	text    []byte
	results Results
	answer  []byte
}

// size returns the capacity of all buffers in bytes.
func (s *scratch) size() int {
	size := s.body.Cap() + cap(s.value) + cap(s.text) + cap(s.answer)
	for _, output := range s.results.outputs[:cap(s.results.outputs)] {
		size += output.text.Cap()
	}
	return size
}

// maxScratch is the maximum size of a scratch that is kept: that of the largest
// delivery of Event Grid, 1 MiB. The garbage collector frees those that are not
// used. Without the pool a batch of 1,000 events takes four times as long, because
// its buffers grow again each time.
const maxScratch = 16 << 20

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
	used.results.rejected = nil // events, which are not buffers
	if used.size() <= maxScratch {
		p.pool.Put(used)
	}
}
