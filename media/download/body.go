package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"whatsapp-functions/media/httperror"
)

// errSilent reports that a server stopped sending.
var errSilent = errors.New("the server sends nothing")

// body is the body of an answer. A Read fails if the server sends nothing for too
// long; the time between two reads does not count.
type body struct {
	from    io.ReadCloser
	silence time.Duration
	cancel  context.CancelFunc
}

// Read implements [io.Reader].
func (b *body) Read(p []byte) (int, error) {
	timer := time.AfterFunc(b.silence, b.cancel)
	n, err := b.from.Read(p)
	switch {
	case !timer.Stop():
		return n, fmt.Errorf("the download was interrupted: %w", errSilent)
	case err != nil && err != io.EOF:
		return n, fmt.Errorf("the download was interrupted: %w", httperror.Brief(err))
	default:
		return n, err
	}
}

// Close implements [io.Closer].
func (b *body) Close() error {
	b.cancel()
	return b.from.Close()
}
