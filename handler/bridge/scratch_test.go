package bridge

import "testing"

// A single large invocation must not keep its memory.
func TestLargeScratchIsNotKept(t *testing.T) {
	var pool scratchPool
	large := pool.get()
	large.answer.Grow(maxScratch + 1)
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
	s.text = make([]byte, 0, 2000)
	s.answer.Grow(4000)
	if size := s.size(); size < 7000 || size > 14000 {
		t.Errorf("size %d", size)
	}
}
