package bridge

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"whatsapp-functions/devhost/dotnet"
)

// IsHTTPRequest reports whether a value is that of an HTTP trigger.
func IsHTTPRequest(value dotnet.Value) bool {
	_, hasMethod := value.Get("Method")
	_, hasURL := value.Get("Url")
	return hasMethod && hasURL
}

// Replay returns the request that an HTTP trigger's value describes, to another
// host. base is http://host:port.
func Replay(ctx context.Context, base string, value dotnet.Value) (*http.Request, error) {
	if !IsHTTPRequest(value) {
		return nil, errors.New("the event is not the request of an HTTP trigger")
	}
	text := func(name string) string {
		field, _ := value.Get(name)
		return field.Text
	}
	address, err := url.Parse(text("Url"))
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	headers, _ := value.Get("Headers")
	for _, field := range headers.Fields {
		switch strings.ToLower(field.Name) {
		case "host", "content-length", "transfer-encoding", "connection", "accept-encoding": // the client's own
			continue
		}
		for _, item := range field.Value.Items {
			header.Add(field.Name, item.Text)
		}
	}
	var body io.Reader
	if text := text("Body"); text != "" {
		if isBinary(header.Get("Content-Type")) {
			decoded, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return nil, err
			}
			text = string(decoded)
		}
		body = strings.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, text("Method"), base+address.RequestURI(), body)
	if err == nil {
		request.Header = header
	}
	return request, err
}
