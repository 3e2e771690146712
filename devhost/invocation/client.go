package invocation

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Client calls one handler.
type Client struct {
	// Length tells the length of a body ahead of it, as a host does that is
	// run by func start. A host in Azure sends it in chunks.
	Length bool

	http *http.Client
	base string
}

// NewClient calls the handler that listens on address, host:port. There is
// no limit to how many calls are under way at once.
func NewClient(address string) *Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 1000, DisableCompression: true}
	return &Client{http: &http.Client{Transport: transport}, base: "http://" + address + "/"}
}

// Do sends one call and reads the answer. ctx ends it.
func (c *Client) Do(ctx context.Context, call Call) (Answer, error) {
	var body io.Reader = strings.NewReader(call.Body())
	if !c.Length {
		// Behind a plain reader nobody sees the length.
		body = struct{ io.Reader }{body}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+call.Function, body)
	if err != nil {
		return Answer{}, err
	}
	request.Header.Set("X-Azure-Functions-HostVersion", hostVersion)
	request.Header.Set("X-Azure-Functions-InvocationId", call.ID)
	request.Header.Set("User-Agent", "Azure-Functions-Host/"+hostVersion)
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, fmt.Errorf("the handler could not be called: %w", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("the handler broke off its answer: %w", err)
	}
	return Read(response.StatusCode, response.Header.Get("Content-Type"), answer)
}

// Close closes the connections that are idle.
func (c *Client) Close() {
	c.http.CloseIdleConnections()
}
