package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/devhost/webhook"
	"whatsapp-functions/devhost/worker"
)

// dataFolder is where devhost keeps what it keeps, below the app's folder.
const dataFolder = ".devhost"

// instance is an app that is being served.
type instance struct {
	app     *app.App
	host    *host.Host
	storage *embedded.Storage
	server  *http.Server
	failed  chan error
	// url is where it listens, http://127.0.0.1:port.
	url string
}

// start serves the app in folder at address, with its storage below data.
func start(ctx context.Context, folder, address, data string, environ []string, console *console) (*instance, error) {
	a, err := app.Open(folder)
	if err != nil {
		return nil, err
	}
	if data == "" {
		data = filepath.Join(a.Root, dataFolder)
	}
	store, err := embedded.Open(filepath.Join(data, "storage"))
	if err != nil {
		return nil, err
	}
	store.QueueText = a.Host.QueueText
	listener, err := net.Listen("tcp4", address)
	if err != nil {
		return nil, fmt.Errorf("%w: choose another address with --address", err)
	}
	hostname := listener.Addr().String()
	h, err := host.Start(ctx, host.Options{App: a, Environ: environ, Hostname: hostname, Storage: store, Console: console})
	if err != nil {
		_ = listener.Close()
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(webhook.Path, &webhook.Handler{
		Functions: h,
		Explain:   func(text string) { console.Say(worker.Error, text) },
	})
	i := &instance{
		app:     a,
		host:    h,
		storage: store,
		server:  &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second},
		failed:  make(chan error, 1),
		url:     "http://" + hostname,
	}
	go func() { i.failed <- i.server.Serve(listener) }()
	return i, nil
}

// wait returns when ctx is done, or with what ended the app before.
func (i *instance) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-i.failed:
		return err
	case <-i.host.Ended():
		return fmt.Errorf("the handler ended by itself with exit code %d", i.host.ExitCode())
	}
}

// stop ends deliveries and kills the handler.
func (i *instance) stop() {
	_ = i.server.Close()
	i.host.Stop()
}

// webhook is where a function is delivered to.
func (i *instance) webhook(function string) string {
	return i.url + webhook.Path + "?functionName=" + function
}
