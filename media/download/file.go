package download

import (
	"fmt"
	"io"
	"net/http"

	"whatsapp-functions/media/request"
)

// File is a file that a provider sends.
type File struct {
	// Body must be closed.
	Body io.ReadCloser
	// Size is the size that the provider announced, or -1.
	Size int64
	// SHA256 is the hash that the provider announced, or "".
	SHA256 string
	// MIMEType is that of the provider, or "".
	MIMEType string
}

// NewFile returns the file in an answer with status 200.
func NewFile(response *http.Response) *File {
	return &File{Body: response.Body, Size: response.ContentLength, MIMEType: response.Header.Get("Content-Type")}
}

// Status returns nil for an answer with status 200, a [request.Failure] for one that
// stays the same, and another error if it may be different later.
func Status(response *http.Response) error {
	switch response.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusNotFound, http.StatusGone:
		return &request.Failure{Reason: request.Gone, Detail: "The provider no longer has the file.", Status: response.StatusCode}
	case http.StatusUnauthorized, http.StatusForbidden:
		return &request.Failure{Reason: request.Forbidden, Detail: "The provider refuses this app's token or key.", Status: response.StatusCode}
	default:
		return fmt.Errorf("host %s: status %d", response.Request.URL.Host, response.StatusCode)
	}
}
