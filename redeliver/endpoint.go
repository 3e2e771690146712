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
	return w.request(ctx, http.MethodPost, b.function, body, http.Header{
		"Content-Type":   {"application/json"},
		"Aeg-Event-Type": {"Notification"},
	})
}

func (w endpoint) handshake(ctx context.Context, function string) error {
	return w.request(ctx, http.MethodOptions, function, nil, http.Header{
		"Webhook-Request-Origin": {"eventgrid.azure.net"},
	})
}

func (w endpoint) request(ctx context.Context, method, function string, body []byte, header http.Header) error {
	address := strings.TrimSuffix(w.url, "/") + "/runtime/webhooks/EventGrid?functionName=" + url.QueryEscape(function)
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("-url: %w", err)
	}
	request.Header = header
	if w.key != "" {
		request.Header.Set("X-Functions-Key", w.key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	// The answer may quote events, which are personal data: it is not shown.
	_, _ = io.Copy(io.Discard, response.Body)
	switch response.StatusCode {
	case http.StatusOK, http.StatusAccepted:
		return nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%s: status %d: set %s to the app's system key eventgrid_extension", function, response.StatusCode, envKey)
	case http.StatusNotFound:
		return fmt.Errorf("%s: status 404: the app has no function of that name, or is not started", function)
	default:
		return fmt.Errorf("%s: status %d: the app's logs say why", function, response.StatusCode)
	}
}
