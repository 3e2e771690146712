// Package platform is the Azure around one app: it listens where Event Grid
// delivers, keeps a host running for the app, and starts a new one when that
// ends or the app's files change.
package platform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/transcript"
)

// OpenTranscripts opens the transcripts of an app that need not run. Of the
// options it needs the folder and the data.
func OpenTranscripts(o Options) (*transcript.Folder, error) {
	a, err := app.Open(o.Folder, o.Environ...)
	if err != nil {
		return nil, err
	}
	o.fill(a)
	return transcript.Open(o.invocations())
}

// Platform runs.
type Platform struct {
	options     Options
	log         zerolog.Logger
	storage     storage.Storage
	events      *eventgrid.Service
	transcripts *transcript.Folder
	keys        *host.Keys // nil if none are asked for
	faults      *faults.Faults
	seen        observers
	listener    net.Listener
	started     time.Time
	server      *http.Server
	stop        context.CancelFunc
	ended       chan struct{}
	err         error
	current     current
}

// Start starts everything and returns when the app's handler is ready. The
// error says what keeps it from being, in words for the developer.
func Start(ctx context.Context, o Options) (_ *Platform, err error) {
	a, err := app.Open(o.Folder, o.Environ...)
	if err != nil {
		return nil, err
	}
	o.fill(a)
	lock, err := lockData(o.Data)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = lock.Unlock()
		}
	}()
	store, err := openStorage(ctx, o, a)
	if err != nil {
		return nil, err
	}
	transcripts, err := transcript.Open(o.invocations())
	if err != nil {
		return nil, err
	}
	switches, err := faults.New(o.Faults)
	if err != nil {
		return nil, err
	}
	var keys *host.Keys
	if o.Keys {
		if keys, err = host.OpenKeys(filepath.Join(o.Data, "keys.json")); err != nil {
			return nil, err
		}
	}
	listener, err := net.Listen("tcp4", o.Address)
	if err != nil {
		return nil, fmt.Errorf("%w: choose another address", err)
	}
	p := &Platform{
		options:     o,
		log:         o.Log.With().Str("component", "devhost").Logger(),
		faults:      switches,
		storage:     store,
		transcripts: transcripts,
		keys:        keys,
		listener:    listener,
		started:     time.Now(),
		ended:       make(chan struct{}),
		current:     current{changed: make(chan struct{})},
	}
	h, err := p.startHost(ctx, a)
	if err == nil {
		if p.events, err = p.newEvents(a); err != nil {
			h.Stop()
		}
	}
	if err != nil {
		_ = listener.Close()
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	p.stop = stop
	page := p.newSimulator()
	p.seen.page.Store(page)
	p.server = &http.Server{Handler: p.guarded(page, p.routes()), ReadHeaderTimeout: 10 * time.Second}
	p.server.RegisterOnShutdown(page.Close)
	go p.serve(stop)
	go func() {
		defer close(p.ended)
		p.err = p.run(running, a, h)
		p.close()
		_ = lock.Unlock()
	}()
	return p, nil
}

// newEvents makes the topic of the app's subscriptions.
func (p *Platform) newEvents(a *app.App) (*eventgrid.Service, error) {
	subscriptions, err := eventgrid.ReadSubscriptions(filepath.Join(a.Root, SubscriptionsFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, s := range subscriptions {
		if _, ok := a.Function(s.Function); !ok {
			p.log.Warn().Msgf("%s: %s delivers to %s, a function that the app does not have", SubscriptionsFile, s.Name, s.Function)
		}
	}
	return eventgrid.New(eventgrid.Options{
		Folder:        filepath.Join(p.options.Data, "eventgrid"),
		Subscriptions: subscriptions,
		Endpoint:      p.Webhook,
		DeadLetter:    p.storage.PutBlob,
		TimeScale:     p.options.TimeScale,
		Log:           p.options.Log.With().Str("component", "eventgrid").Logger(),
		Observers:     []eventgrid.Observer{&p.seen.trace, &p.seen.chat, &p.seen},
		Faults:        p.faults,
	})
}

// run runs everything until ctx is done, or the host ends for good.
func (p *Platform) run(ctx context.Context, a *app.App, h *host.Host) error {
	ctx, stop := context.WithCancel(ctx)
	var delivering sync.WaitGroup
	delivering.Go(func() { p.events.Run(ctx) })
	err := p.keep(ctx, a, h)
	stop()
	delivering.Wait()
	return err
}

func (p *Platform) startHost(ctx context.Context, a *app.App) (*host.Host, error) {
	if err := p.checkConnections(a); err != nil {
		return nil, err
	}
	h, err := host.Start(ctx, host.Options{
		App:           a,
		Environ:       p.options.Environ,
		Hostname:      p.listener.Addr().String(),
		Storage:       faults.Storage{Writer: p.storage, Faults: p.faults},
		Faults:        p.faults,
		ContentLength: p.options.ContentLength,
		Invoked:       p.invoked,
		Log:           p.options.Log,
	})
	if err != nil {
		return nil, err
	}
	for _, warning := range a.Warnings {
		p.log.Warn().Msg(warning)
	}
	for _, f := range a.Inactive {
		if f.InError {
			p.log.Error().Msg("the function " + f.Name + " is in error: " + f.Reason)
		} else {
			p.log.Warn().Msg("the function " + f.Name + " is not run: " + f.Reason)
		}
	}
	p.current.set(a, h)
	return h, nil
}

func (p *Platform) serve(stop context.CancelFunc) {
	if err := p.server.Serve(p.listener); !errors.Is(err, http.ErrServerClosed) {
		p.log.Error().Msg(err.Error())
		stop()
	}
}

// close ends the server. The handler is gone, so what is under way has failed;
// that may still be said.
func (p *Platform) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if p.server.Shutdown(ctx) != nil {
		_ = p.server.Close()
	}
}

func (p *Platform) routes() http.Handler {
	webhook := p.ifLoaded(traced(&host.Webhook{Functions: p, Keys: p.keys, Log: p.log}))
	mux := http.NewServeMux()
	mux.Handle(eventgrid.Path, p.events)
	mux.HandleFunc("GET "+pathStatus, p.hostStatus)
	mux.HandleFunc("GET "+pathFunctions, p.listFunctions)
	mux.HandleFunc("POST "+pathFunctions+"/{name}", p.inputFunction)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.ToLower(r.URL.Path)
		if strings.HasPrefix(path, "/runtime/webhooks/") {
			webhook.ServeHTTP(w, r)
			return
		}
		if status := p.keys.CheckMaster(r); strings.HasPrefix(path, "/admin/") && status != http.StatusOK {
			w.WriteHeader(status)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// ifLoaded answers 404 as long as no function has an Event Grid trigger: then
// the host does not load the extension.
func (p *Platform) ifLoaded(webhook http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !p.App().Uses(app.EventGridTrigger) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		webhook.ServeHTTP(w, r)
	})
}

// Stop ends everything and returns when the handler is gone.
func (p *Platform) Stop() {
	p.stop()
	<-p.ended
}

// Ended is closed when the platform has ended, by itself or stopped.
func (p *Platform) Ended() <-chan struct{} { return p.ended }

// Err is why the platform ended; nil if it was stopped. Call it after Ended.
func (p *Platform) Err() error { return p.err }

// URL is where the platform listens: http://host:port.
func (p *Platform) URL() string { return "http://" + p.listener.Addr().String() }

// Webhook is the address at which Event Grid delivers to a function.
func (p *Platform) Webhook(function string) string {
	address := p.URL() + host.WebhookPath + "?functionName=" + function
	if p.keys != nil {
		address += "&code=" + p.keys.EventGrid
	}
	return address
}

// Topic is the address at which events are published.
func (p *Platform) Topic() string { return p.URL() + eventgrid.Path }

// Pending is how many published events are on their way to a function.
func (p *Platform) Pending() int { return p.events.Pending() }

// App is the app as it is now.
func (p *Platform) App() *app.App {
	a, _, _ := p.current.get()
	return a
}

// Storage is what the app's outputs go to.
func (p *Platform) Storage() storage.Storage { return p.storage }

// Transcripts are those of the app's invocations.
func (p *Platform) Transcripts() *transcript.Folder { return p.transcripts }

// Data is the folder of what the platform keeps.
func (p *Platform) Data() string { return p.options.Data }
