package testcase

import (
	"bytes"
	"context"
	"encoding/json/jsontext"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/platform"
)

// Runner is an app that runs on a free port with separate storage.
type Runner struct {
	platform *platform.Platform
	data     string
	results  *results
	one      sync.Mutex
}

// Start starts the app in a folder.
func Start(ctx context.Context, folder string, environ []string, log zerolog.Logger) (*Runner, error) {
	data, err := os.MkdirTemp("", "devhost-")
	if err != nil {
		return nil, err
	}
	r := &Runner{data: data, results: &results{}}
	r.platform, err = platform.Start(ctx, platform.Options{
		Folder:  folder,
		Address: "127.0.0.1:0",
		Data:    data,
		Environ: environ,
		Log:     log,
		Invoked: r.results.add,
	})
	if err != nil {
		_ = os.RemoveAll(data)
		return nil, err
	}
	return r, nil
}

// Stop stops the app and removes its data.
func (r *Runner) Stop() {
	r.platform.Stop()
	_ = os.RemoveAll(r.data)
}

// Run delivers events to a function and returns the result as a case.
func (r *Runner) Run(ctx context.Context, function string, events jsontext.Value) (Case, error) {
	r.one.Lock()
	defer r.one.Unlock()
	r.results.take()
	if _, ok := r.platform.App().Function(function); !ok {
		return Case{}, fmt.Errorf("%s runs no function %s: pass the folder of its app with --app", r.platform.App().Root, function)
	}
	if r.isQueue(function) {
		return r.runMessage(ctx, function, events)
	}
	request, err := r.request(ctx, function, events)
	if err != nil {
		return Case{}, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Case{}, err
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(response.Body)
	invocations := r.results.take()
	if len(invocations) == 0 {
		return Case{}, fmt.Errorf("%s was not invoked: the answer is %s %s", function, response.Status, strings.TrimSpace(string(answer)))
	}
	return New(function, events, invocations...), nil
}

// request returns the request that delivers events to a function.
func (r *Runner) request(ctx context.Context, function string, events jsontext.Value) (*http.Request, error) {
	if value, isRequest := readRequest(events); isRequest {
		request, err := bridge.Replay(ctx, r.platform.URL(), value)
		if err == nil {
			err = settings(r.platform.App().Setting).prove(request)
		}
		return request, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.platform.Webhook(function), bytes.NewReader(events))
	if err == nil {
		request.Header.Set("aeg-event-type", "Notification")
	}
	return request, err
}

// results keeps the results of invocations.
type results struct {
	mu  sync.Mutex
	all []history.Transcript
}

// add keeps a result.
func (r *results) add(result host.Result) {
	t := history.NewTranscript(result)
	r.mu.Lock()
	defer r.mu.Unlock()
	// The last attempt counts.
	r.all = slices.DeleteFunc(r.all, func(earlier history.Transcript) bool { return earlier.ID == t.ID })
	r.all = append(r.all, t)
}

func (r *results) take() []history.Transcript {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.all
	r.all = nil
	return all
}
