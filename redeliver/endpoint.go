package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// endpoint is the webhook of a Functions host.
type endpoint struct {
	app     string // the address of the app
	address string // of the Event Grid webhook, up to the function's name
	local   bool   // on this machine
	key     string
	client  *http.Client
}

// newEndpoint returns the endpoint of the app at an address. Plain HTTP would
// send the key and the events in clear, so it is accepted only on this machine.
func newEndpoint(address, key string, timeout time.Duration) (endpoint, error) {
	if address == "" {
		return endpoint{}, usageError("--url is required: the address of the app, such as https://<app>.azurewebsites.net or http://127.0.0.1:7071")
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return endpoint{}, usageError("--url must be an address that starts with https:// or http://")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return endpoint{}, usageError("--url must be the address of the app only, without user, query or fragment; the key goes into %s", envKey)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return endpoint{}, usageError("--url: http:// would send the key and the events unencrypted to %s: use https://", u.Host)
	}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout: connectTimeout,
		ForceAttemptHTTP2:   true,
	}
	app := strings.TrimSuffix(address, "/")
	return endpoint{
		app:     app,
		address: app + "/runtime/webhooks/EventGrid?functionName=",
		local:   loopback(u.Hostname()),
		key:     key,
		client: &http.Client{
			Transport: transport,
			Timeout:   timeout,
			// A redirect would turn a delivery into a GET without events, and
			// send the key to another address.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

const connectTimeout = 10 * time.Second

// loopback reports whether a host name is this machine.
func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.Unmap().IsLoopback()
}

// errHopeless marks answers that other deliveries would get too.
var errHopeless = errors.New("the app can't be reached with these flags")

func hopeless(format string, args ...any) error {
	return &hopelessError{fmt.Errorf(format, args...)}
}

type hopelessError struct{ error }

func (*hopelessError) Is(target error) bool { return target == errHopeless }

// deliver posts a batch, and returns nil if the host accepted it: the function
// has run, and all that it gave is written.
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
		return hopeless("%s: status %d instead of 202: --url is not the address of a Functions host, and no event was taken", b.function, answer.StatusCode)
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
		return fmt.Errorf("%s: status %d without the header Webhook-Allowed-Origin: --url is not the address of a Functions host", function, answer.StatusCode)
	}
	return nil
}

// request returns the answer, without its body, if its status is 2xx.
func (w endpoint) request(ctx context.Context, method, function string, body []byte, header http.Header) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, w.address+url.QueryEscape(function), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = header
	if w.key != "" {
		request.Header.Set("X-Functions-Key", w.key)
	}
	response, err := w.client.Do(request)
	if err != nil {
		return nil, w.noAnswer(err)
	}
	defer response.Body.Close()
	// The body may quote events, which are personal data: it is not shown.
	_, _ = io.Copy(io.Discard, response.Body)
	switch status := response.StatusCode; {
	case status >= 200 && status < 300:
		return response, nil
	case status >= 300 && status < 400:
		return nil, hopeless("%s: status %d: it redirects to %s, where neither the events nor the key were sent: set --url to the address of the app itself", function, status, destination(response))
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return nil, hopeless("%s: status %d: set %s to the app's system key eventgrid_extension", function, status, envKey)
	case status == http.StatusNotFound:
		return nil, fmt.Errorf("%s: status 404: the app has no function of that name, or has not started", function)
	default:
		return nil, fmt.Errorf("%s: status %d: see the app's logs for the reason", function, status)
	}
}

// noAnswer explains an error of the connection. Only a connection that was not
// made is certain to have delivered nothing.
func (w endpoint) noAnswer(err error) error {
	var failed *net.OpError
	var timeout net.Error
	switch {
	case errors.As(err, &failed) && failed.Op == "dial":
		return hopeless("no connection: %w", failed)
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("no answer within %s: the events may be written or not, and redelivering them is harmless", w.client.Timeout)
	default:
		return fmt.Errorf("no answer (%w): the events may be written or not, and redelivering them is harmless", err)
	}
}

// destination returns the address of a redirect, without what may be secret in it.
func destination(response *http.Response) string {
	to, err := response.Location()
	if err != nil {
		return "no address"
	}
	return (&url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path}).String()
}
