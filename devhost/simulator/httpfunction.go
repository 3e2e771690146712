package simulator

import (
	"bytes"
	"context"
	"io"
	"strings"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/history"
)

// showHTTP shows the request of an HTTP function instead of its event.
func (d *details) showHTTP(value dotnet.Value, address string) error {
	request, err := bridge.Replay(context.Background(), "http://"+address, value)
	if err != nil {
		return err
	}
	d.request, d.Method, d.URL, d.Header = request, request.Method, request.URL.String(), map[string]string{}
	for name := range request.Header {
		d.Header[name] = request.Header.Get(name)
	}
	body := []byte{}
	if request.Body != nil {
		if body, err = io.ReadAll(request.Body); err != nil {
			return err
		}
	}
	d.Body, request.Body = string(body), io.NopCloser(bytes.NewReader(body))
	return nil
}

// httpRequest returns the value of an HTTP trigger, if that called the function.
func (d *details) httpRequest() (value dotnet.Value, ok bool) {
	if d.Subscription != "" || len(d.Transcripts) == 0 {
		return value, false
	}
	events, err := dotnet.Read(d.Transcripts[0].Events, dotnet.Options{})
	if err != nil || len(events.Items) != 1 || !bridge.IsHTTPRequest(events.Items[0]) {
		return value, false
	}
	return events.Items[0], true
}

// onlyAddress returns what the history keeps of the call of an HTTP function
// without a transcript: its method and its address without the query.
func onlyAddress(d history.Delivery) (method, address string, ok bool) {
	if d.Subscription != "" || len(d.Events) != 1 || !strings.Contains(d.Events[0].Type, "://") {
		return "", "", false
	}
	return d.Events[0].ID, d.Events[0].Type, true
}
