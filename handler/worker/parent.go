package worker

import (
	"context"
	"os"
	"runtime"
	"time"
)

// parentPoll is how often the parent is checked.
const parentPoll = time.Second

// orphaned returns a channel that is closed when the parent of this process is no
// longer the given one: a host that was killed does not end its handler, which
// would keep the port. Only Linux gives an orphan another parent, so on other
// systems the channel is never closed. (Process 1 as the parent means nothing,
// because in a container the host may be process 1. PR_SET_PDEATHSIG is not used
// because it depends on the thread that started this process.)
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
