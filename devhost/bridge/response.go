package bridge

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"whatsapp-functions/devhost/dotnet"
)

// HTTPResponse is the answer of an HTTP function.
type HTTPResponse struct {
	Status      int
	ContentType string
	// Headers are the other headers; their values are strings.
	Headers []dotnet.Field
	Body    string
	// length sends a Content-Length.
	length bool
}

// readResponse reads the value of an http output (HttpBinding.cs). Its fields
// match in any case.
func readResponse(value dotnet.Value) (*HTTPResponse, error) {
	if value.Kind != dotnet.KindObject {
		return nil, errors.New("the value of an http output must be an object such as {\"statusCode\":200}")
	}
	r := &HTTPResponse{Status: http.StatusOK, ContentType: plainText}
	status, _ := value.Fold("statusCode")
	if number, err := strconv.Atoi(status.String()); err == nil && status.Kind != dotnet.KindFloat {
		r.Status = number
	}
	body, _ := value.Fold("body")
	r.Body = body.String()
	headers, _ := value.Fold("headers")
	for _, header := range headers.Fields {
		text := header.Value.String()
		if strings.ContainsFunc(header.Name+text, func(c rune) bool { return c < ' ' && c != '\t' || c >= 0x7f }) {
			return nil, fmt.Errorf("the header %s is not a string or number in ASCII: the host can't send it", header.Name)
		}
		switch strings.ToLower(header.Name) {
		case "content-type":
			r.ContentType = withCharset(text)
		case "content-length", "transfer-encoding": // the server's own
		default:
			r.Headers = append(r.Headers, dotnet.Field{Name: header.Name, Value: dotnet.NewString(text)})
		}
	}
	return r, nil
}

const plainText = "text/plain; charset=utf-8"

// withCharset adds a charset to a type without one.
func withCharset(contentType string) string {
	if _, parameters, err := mime.ParseMediaType(contentType); err == nil && parameters["charset"] == "" {
		return contentType + "; charset=utf-8"
	}
	return contentType
}

// returned returns the answer of a ReturnValue that belongs to no output.
func returned(value dotnet.Value) *HTTPResponse {
	if value.Kind == dotnet.KindString {
		return &HTTPResponse{Status: http.StatusOK, ContentType: plainText, Body: value.Text}
	}
	return &HTTPResponse{Status: http.StatusOK, ContentType: "application/json; charset=utf-8", Body: value.Compact(), length: true}
}

// item shows the answer as an item of its output.
func (r *HTTPResponse) item() Item {
	headers := append([]dotnet.Field{{Name: "Content-Type", Value: dotnet.NewString(r.ContentType)}}, r.Headers...)
	return Item{Name: strconv.Itoa(r.Status), Content: []byte(dotnet.NewObject(
		dotnet.Field{Name: "statusCode", Value: dotnet.NewInteger(r.Status)},
		dotnet.Field{Name: "headers", Value: dotnet.NewObject(headers...)},
		dotnet.Field{Name: "body", Value: dotnet.NewString(r.Body)},
	).Compact())}
}

// Write sends the answer; nil is 204. A status that HTTP does not have breaks the
// connection.
func (r *HTTPResponse) Write(w http.ResponseWriter) {
	if r == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if r.Status < 200 || r.Status > 999 { // Go's server takes statuses below 200 for interim ones
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", r.ContentType)
	for _, header := range r.Headers {
		w.Header().Set(header.Name, header.Value.Text)
	}
	w.WriteHeader(r.Status)
	if _, err := io.WriteString(w, r.Body); err == nil && r.Body != "" && !r.length {
		_ = http.NewResponseController(w).Flush() // the host sends chunks
	}
}
