package main

import (
	"context"
	"os"
	"runtime"
	"time"
)

// parentPoll is how often the parent is looked for.
const parentPoll = time.Second

// orphaned is closed when this process's parent is another than parent: a host
// that dies hard leaves its handler behind, and the port taken. Only Linux
// tells by giving an orphan another parent, so elsewhere it is never closed.
// (Whether the parent is process 1 says nothing: in a container the host may
// be. A death signal, PR_SET_PDEATHSIG, follows the thread that asked for it.)
func orphaned(ctx context.Context, parent int) <-chan struct{} {
	gone := make(chan struct{})
	if runtime.GOOS != "linux" {
		return gone
	}
	go func() {
		ticker := time.NewTicker(parentPoll)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if os.Getppid() != parent {
					close(gone)
					return
				}
			}
		}
	}()
	return gone
}
