package main

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
)

// Event Grid's own limits, as the subscriptions set them: the host writes a
// batch's queue messages one by one.
const (
	mostEvents = 100
	mostBytes  = 64 << 10
)

// routes say which function takes which type.
type routes []struct {
	EventType string `json:"eventType"`
	Function  string `json:"function"`
}

func readRoutes(file string) (routes, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%w: call redeliver in the repository's folder, or name the file with -subscriptions", err)
	}
	var list struct {
		Subscriptions routes `json:"subscriptions"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return list.Subscriptions, nil
}

// function is the one for an event's type, or else the one that had it.
func (r routes) function(e event) string {
	for _, route := range r {
		if strings.EqualFold(route.EventType, e.kind) {
			return route.Function
		}
	}
	return e.function
}

// batch is what one request brings.
type batch struct {
	function string
	events   []event
}

// batches puts events together that go to the same function, in their order.
func (r routes) batches(events []event) (batches []batch) {
	size := 0
	for _, e := range events {
		function := r.function(e)
		if function == "" {
			continue
		}
		size += len(e.text)
		last := len(batches) - 1
		if last < 0 || batches[last].function != function || len(batches[last].events) == mostEvents || size > mostBytes {
			batches, last, size = append(batches, batch{function: function}), last+1, len(e.text)
		}
		batches[last].events = append(batches[last].events, e)
	}
	return batches
}

// endpoint is where the Functions host takes deliveries.
type endpoint struct {
	url, key string
}

// deliver posts a batch, and returns when all it gives is written.
func (w endpoint) deliver(ctx context.Context, b batch) error {
	texts := make([][]byte, len(b.events))
	for i, e := range b.events {
		texts[i] = e.text
	}
	body := slices.Concat([]byte{'['}, bytes.Join(texts, []byte{','}), []byte{']'})
	answer, err := w.request(ctx, http.MethodPost, b.function, body, http.Header{
		"Content-Type":   {"application/json"},
		"Aeg-Event-Type": {"Notification"},
	})
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusAccepted {
		return fmt.Errorf("%s: status %d, and not 202: whoever answers at -url is no Functions host, and took no event", b.function, answer.StatusCode)
	}
	return nil
}

func (w endpoint) handshake(ctx context.Context, function string) error {
	answer, err := w.request(ctx, http.MethodOptions, function, nil, http.Header{
		"Webhook-Request-Origin": {"eventgrid.azure.net"},
	})
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Webhook-Allowed-Origin") == "" {
		return fmt.Errorf("%s: status %d without the handshake's header Webhook-Allowed-Origin: whoever answers at -url is no Functions host", function, answer.StatusCode)
	}
	return nil
}

// request returns the answer, without its body, if its status is of those that
// tell of success.
func (w endpoint) request(ctx context.Context, method, function string, body []byte, header http.Header) (*http.Response, error) {
	address := strings.TrimSuffix(w.url, "/") + "/runtime/webhooks/EventGrid?functionName=" + url.QueryEscape(function)
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("-url: %w", err)
	}
	request.Header = header
	if w.key != "" {
		request.Header.Set("X-Functions-Key", w.key)
	}
	// A redirect would make a GET without events of a delivery, and take the
	// key to wherever it leads.
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	// The answer may quote events, which are personal data: it is not shown.
	_, _ = io.Copy(io.Discard, response.Body)
	switch status := response.StatusCode; {
	case status >= 200 && status < 300:
		return response, nil
	case status >= 300 && status < 400:
		return nil, fmt.Errorf("%s: status %d: it redirects to %s, where neither the events nor the key were sent: set -url to the address of the app itself", function, status, destination(response))
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return nil, fmt.Errorf("%s: status %d: set %s to the app's system key eventgrid_extension", function, response.StatusCode, envKey)
	case status == http.StatusNotFound:
		return nil, fmt.Errorf("%s: status 404: the app has no function of that name, or is not started", function)
	default:
		return nil, fmt.Errorf("%s: status %d: the app's logs say why", function, status)
	}
}

// destination is where a redirect leads, without what may be secret in it.
func destination(response *http.Response) string {
	to, err := response.Location()
	if err != nil {
		return "nowhere"
	}
	return (&url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path}).String()
}
