package bridge

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// Client calls one handler.
type Client struct {
	// Length tells the length of a body ahead of it, as a host does that is
	// run by func start. A host in Azure sends it in chunks.
	Length bool
	// Forwarding is customHandler.enableForwardingHttpRequest: with it no
	// redirection is followed, of any call.
	Forwarding bool

	http *http.Client
	base string
}

// NewClient calls the handler that listens on address, host:port. There is
// no limit to how many calls are under way at once.
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

// maxRedirects is how many redirections .NET follows.
const maxRedirects = 50

// Exchange is a request and its answer as they went over the wire.
type Exchange struct {
	Request string
	// Status is 0 if there was no answer.
	Status      int
	ContentType string
	Response    string
	// Redirected says that the answer came from somewhere else.
	Redirected bool
}

// Do sends one call and reads the answer. ctx ends it. If midway is not nil it
// is called when the request is on its way and not yet whole.
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
	request.Header.Set("X-Azure-Functions-HostVersion", HostVersion)
	request.Header.Set("X-Azure-Functions-InvocationId", call.ID)
	request.Header.Set("User-Agent", "Azure-Functions-Host/"+HostVersion)
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, exchange, fmt.Errorf("the handler could not be called: %w", err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	exchange.Status, exchange.ContentType, exchange.Response = response.StatusCode, response.Header.Get("Content-Type"), string(content)
	if err != nil {
		return Answer{}, exchange, fmt.Errorf("the handler broke off its answer: %w", err)
	}
	exchange.Redirected = response.Request.URL.Path != request.URL.Path
	answer, err := ReadAnswer(exchange.Status, exchange.ContentType, content)
	return answer, exchange, err
}

// Close closes the connections that are idle.
func (c *Client) Close() {
	c.http.CloseIdleConnections()
}
