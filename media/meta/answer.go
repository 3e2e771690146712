package meta

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"whatsapp-functions/handler/lenient"
	"whatsapp-functions/media/download"
	"whatsapp-functions/media/request"
)

// answerLimit is the maximum size of an answer of the Graph API, which has a few
// hundred bytes.
const answerLimit = 1 << 20

func readAnswer(from io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(from, answerLimit+1))
	if err == nil && len(text) > answerLimit {
		err = errors.New("the answer is too large")
	}
	return text, err
}

// location is where a file is.
type location struct {
	url *url.URL
	// mimeType and sha256 may be "".
	mimeType, sha256 string
	// size is -1 if it is not known.
	size int64
}

// decodeLocation reads the answer for a media id. The error quotes nothing of it.
//
//	{"url":"https://lookaside.fbsbx.com/…","mime_type":"image/jpeg","sha256":"<hex>","file_size":49664,"id":"…"}
func decodeLocation(text []byte) (found location, err error) {
	value, err := lenient.Parse(lenient.Clean(text))
	if err != nil {
		return found, fmt.Errorf("the answer of Meta for a media id: %w", err)
	}
	fields := value.Fields()
	found = location{
		mimeType: fields.Get("mime_type").Text(),
		sha256:   request.Digest(fields.Get("sha256").Text()),
		size:     -1,
	}
	if size, err := strconv.ParseInt(fields.Get("file_size").Text(), 10, 64); err == nil && size >= 0 {
		found.size = size
	}
	found.url, err = url.Parse(fields.Get("url").Text())
	if err != nil || found.url.Host == "" {
		return location{}, errors.New("the answer of Meta for a media id has no URL")
	}
	return found, nil
}

// graphError returns the error in an answer of the Graph API. Its code decides, and
// the status if there is no known code: requests over the rate limit and with an
// expired token may have the same status.
// https://developers.facebook.com/docs/graph-api/guides/error-handling
//
//	{"error":{"message":"…","type":"OAuthException","code":190,"error_subcode":460,"is_transient":false}}
func graphError(response *http.Response, text []byte) error {
	value, err := lenient.Parse(lenient.Clean(text))
	if err != nil {
		return download.Status(response)
	}
	top := value.Fields()
	fields := top.Get("error").Fields()
	code, err := strconv.Atoi(fields.Get("code").Text())
	if err != nil {
		return download.Status(response)
	}
	transient, _ := fields.Get("is_transient").Bool()
	failure := func(reason request.Reason, detail string) error {
		return &request.Failure{Reason: reason, Detail: fmt.Sprintf("%s (code %d).", detail, code), Status: response.StatusCode}
	}
	switch {
	case transient || isTransient(code):
		return fmt.Errorf("the answer of Meta has status %d and the error code %d", response.StatusCode, code)
	case code == 190 || code == 102:
		return failure(request.Forbidden, "Meta refuses the access token")
	case code == 3 || code == 10 || code >= 200 && code <= 299:
		return failure(request.Forbidden, "The access token lacks a permission")
	case code == 33 || code == 100 && fields.Get("error_subcode").Text() == "33":
		return failure(request.Gone, "Meta no longer has the file, or the access token may not read it")
	}
	if err := download.Status(response); isFailure(err) {
		return err
	}
	return fmt.Errorf("the answer of Meta has status %d and the error code %d", response.StatusCode, code)
}

func isFailure(err error) bool {
	_, ok := errors.AsType[*request.Failure](err)
	return ok
}

// isTransient reports whether a code means an interruption or a rate limit.
func isTransient(code int) bool {
	switch code {
	case 1, 2, // an interruption
		4, 17, 32, 341, 613, 80007, 130429, // rate limits
		368: // blocked for a time
		return true
	}
	return false
}
