package main

import (
	"io"
	"sync"
)

// shared is a writer that many write to at once.
type shared struct {
	mu  sync.Mutex
	out io.Writer
}

// Write implements [io.Writer].
func (s *shared) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(text)
}
