package bridge

import (
	"strings"
	"testing"
)

// A single large invocation must not keep its memory.
func TestLargeScratchIsNotKept(t *testing.T) {
	var pool scratchPool
	large := pool.get()
	large.answer = make([]byte, 0, maxScratch+1)
	pool.put(large)
	for range 100 {
		if pool.get() == large {
			t.Fatal("a scratch over the limit is kept")
		}
	}
}

// Each buffer counts.
func TestScratchSize(t *testing.T) {
	s := new(scratch)
	s.body.Grow(1000)
	s.value, s.text, s.answer = make([]byte, 0, 2000), make([]byte, 0, 4000), make([]byte, 0, 8000)
	s.results.reset([]string{"a", "b"})
	for i := range s.results.outputs {
		s.results.outputs[i].text.Begin()
		s.results.outputs[i].text.String("a", strings.Repeat("x", 16000))
	}
	s.results.reset(nil) // the next invocation may have fewer outputs
	if size, least := s.size(), 15_000+2*16_000; size < least || size > least+10_000 {
		t.Errorf("size %d, want %d", size, least)
	}
}
