package bridge

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Client calls one handler.
type Client struct {
	// Length sends a Content-Length, as func start does. In Azure the body is
	// sent in chunks.
	Length bool
	// Forwarding is customHandler.enableForwardingHttpRequest. It turns off
	// redirects for all calls.
	Forwarding bool

	http *http.Client
	base string
}

// NewClient returns a client of the handler that listens on address, host:port.
// The number of concurrent calls is not limited.
func NewClient(address string) *Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 1000, DisableCompression: true}
	c := &Client{base: "http://" + address + "/"}
	c.http = &http.Client{Transport: transport, CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		if c.Forwarding || len(via) > maxRedirects {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	return c
}

// maxRedirects is the number of redirects that .NET follows.
const maxRedirects = 50

// Exchange is a request and its answer as they were sent.
type Exchange struct {
	Request string
	// Status is 0 if there was no answer.
	Status      int
	ContentType string
	Response    string
	// Redirected reports that the answer came from another path.
	Redirected bool
}

// Do sends one call and reads the answer. If midway is not nil, Do calls it
// before it sends the last byte of the body, when the handler can't have
// answered yet.
func (c *Client) Do(ctx context.Context, call Call, midway func()) (Answer, Exchange, error) {
	exchange := Exchange{Request: call.Body()}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+call.Function, body(exchange.Request, midway))
	if err != nil {
		return Answer{}, exchange, err
	}
	request.ContentLength = -1
	if c.Length {
		request.ContentLength = int64(len(exchange.Request))
	}
	// In the host's spelling, which Set would change.
	request.Header = http.Header{
		"X-Azure-Functions-HostVersion":  {HostVersion},
		"X-Azure-Functions-InvocationId": {call.ID},
		"User-Agent":                     {"Azure-Functions-Host/" + HostVersion},
		"Content-Type":                   {"application/json; charset=utf-8"},
	}
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, exchange, fmt.Errorf("the handler can't be called: %w", err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	exchange.Status, exchange.ContentType, exchange.Response = response.StatusCode, response.Header.Get("Content-Type"), string(content)
	if err != nil {
		return Answer{}, exchange, fmt.Errorf("the handler's answer is incomplete: %w", err)
	}
	exchange.Redirected = response.Request.URL.Path != request.URL.Path
	answer, err := ReadAnswer(exchange.Status, exchange.ContentType, content)
	return answer, exchange, err
}

// Close closes the idle connections.
func (c *Client) Close() {
	c.http.CloseIdleConnections()
}

func body(text string, midway func()) io.Reader {
	if midway == nil {
		return strings.NewReader(text)
	}
	last := len(text) - 1
	return io.MultiReader(strings.NewReader(text[:last]), readFunc(midway), strings.NewReader(text[last:]))
}

// readFunc is an empty reader that calls a function.
type readFunc func()

// Read implements [io.Reader].
func (f readFunc) Read([]byte) (int, error) {
	f()
	return 0, io.EOF
}
