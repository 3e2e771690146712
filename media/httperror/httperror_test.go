package httperror_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"whatsapp-functions/media/httperror"
)

func TestBrief(t *testing.T) {
	inURL := func(err error) error {
		return &url.Error{Op: "Get", URL: "https://example.com/SECRET?SECRET", Err: err}
	}
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for want, err := range map[string]error{
		"dial tcp: connect: connection refused":         inURL(refused),
		"lookup example.com: no such host":              inURL(&net.DNSError{Err: "no such host", Name: "example.com", IsNotFound: true}),
		"no token for the managed identity: status 400": fmt.Errorf("SECRET: %w", &azidentity.AuthenticationFailedError{RawResponse: &http.Response{StatusCode: http.StatusBadRequest}}),
		"no token for the managed identity":             &azidentity.AuthenticationFailedError{},
		"EOF":                                           inURL(io.EOF),
		"unexpected EOF":                                fmt.Errorf("SECRET: %w", io.ErrUnexpectedEOF),
		"context canceled":                              inURL(context.Canceled),
		"context deadline exceeded":                     inURL(context.DeadlineExceeded),
		"refused by this program":                       inURL(own{}),
		"no valid answer (*errors.errorString)":         inURL(errors.New("malformed HTTP response SECRET")),
		"no valid answer (*fmt.wrapError)":              fmt.Errorf("SECRET: %w", errors.New("SECRET")),
	} {
		if got := httperror.Brief(err).Error(); got != want {
			t.Errorf("%v: got %s, want %s", err, got, want)
		}
	}
}

// own is an error of this program.
type own struct{}

func (own) Error() string { return "refused by this program" }
func (own) Own()          {}
