// Package httperror makes errors of HTTP requests fit for the log.
package httperror

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// Own is an error of this program, whose text may be logged.
type Own interface {
	error
	Own()
}

// Brief returns an error without its URL, whose path and query may be secrets, and
// without what a server sent, which net/http and the SDK quote in their errors. What
// else is known of the error is kept.
func Brief(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if e, ok := errors.AsType[*azidentity.AuthenticationFailedError](err); ok {
		if e.RawResponse == nil {
			return errors.New("no token for the managed identity")
		}
		return fmt.Errorf("no token for the managed identity: status %d", e.RawResponse.StatusCode)
	}
	if e, ok := errors.AsType[Own](err); ok {
		return e
	}
	if e, ok := errors.AsType[net.Error](err); ok { // also timeouts and contexts
		return e
	}
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return e
	}
	for _, known := range []error{context.Canceled, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, known) {
			return known
		}
	}
	return fmt.Errorf("no valid answer (%T)", err)
}
