// Package platform plays the part of Azure around one app: it listens for
// deliveries, keeps a host running, and restarts it when it ends or a file of
// the app changes.
package platform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/simulator"
	"whatsapp-functions/devhost/storage"
)

// OpenTranscripts opens the transcripts of an app that need not run.
func OpenTranscripts(folder, data string, log zerolog.Logger) (*history.Folder, error) {
	a, err := app.Open(folder)
	if err != nil {
		return nil, err
	}
	return history.OpenFolder(filepath.Join(dataFolder(a.Root, data), "invocations"), log)
}

// Platform is an app that runs: a host, Event Grid, storage and the page.
type Platform struct {
	options     Options
	log         zerolog.Logger
	storage     storage.Storage
	events      *eventgrid.Service
	history     history.Log
	transcripts *history.Folder
	keys        *host.Keys
	faults      *faults.Faults
	files       *watch
	listener    net.Listener
	started     time.Time
	server      *http.Server
	stop        context.CancelFunc
	ended       chan struct{}
	err         error
	current     current
}

// Start starts an app and returns when its handler is ready.
func Start(ctx context.Context, o Options) (_ *Platform, err error) {
	a, err := app.Open(o.Folder, o.Environ...)
	if err != nil {
		return nil, err
	}
	o.Data = dataFolder(a.Root, o.Data)
	p := &Platform{
		options: o,
		log:     o.Log.With().Str("component", "devhost").Logger(),
		files:   newWatch(a.Root),
		started: time.Now(),
		ended:   make(chan struct{}),
		current: current{changed: make(chan struct{})},
	}
	p.files.follow(a)
	if p.listener, err = listen(o.Address, o.AllowRemote, p.log); err != nil {
		return nil, err
	}
	lock, err := lockData(o.Data)
	if err != nil {
		_ = p.listener.Close()
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = p.listener.Close()
			_ = lock.Unlock()
		}
	}()
	access, err := newAccess(o, p.listener.Addr().String())
	if err != nil {
		return nil, err
	}
	if p.storage, err = openStorage(ctx, a, o.Data, o.Storage, o.Environ, o.Log); err != nil {
		return nil, err
	}
	if p.transcripts, err = history.OpenFolder(filepath.Join(o.Data, "invocations"), p.log); err != nil {
		return nil, err
	}
	p.restoreHistory()
	if p.faults, err = faults.New(o.Faults); err != nil {
		return nil, err
	}
	if o.Keys {
		if p.keys, err = host.OpenKeys(filepath.Join(o.Data, "keys.json")); err != nil {
			return nil, err
		}
	}
	if p.events, err = p.newEvents(a); err != nil {
		return nil, err
	}
	h, err := p.startHost(ctx, a)
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	p.stop = stop
	page := p.newPage()
	p.server = &http.Server{Handler: p.protected(access, page), ReadHeaderTimeout: 10 * time.Second}
	p.server.RegisterOnShutdown(page.Close)
	go func() {
		if err := p.server.Serve(p.listener); !errors.Is(err, http.ErrServerClosed) {
			p.log.Error().Err(err).Msg("the server ended")
			stop()
		}
	}()
	go func() {
		defer close(p.ended)
		p.err = p.run(running, h)
		_ = lock.Unlock()
	}()
	return p, nil
}

// restored is the number of invocations that a new start shows.
const restored = 200

// restoreHistory shows the last invocations of earlier starts again.
func (p *Platform) restoreHistory() {
	for _, t := range slices.Backward(p.transcripts.Shown(restored)) {
		p.history.Restore(t)
	}
}

// listen listens on an address. Other machines may reach it only if that is
// allowed.
func listen(address string, allowRemote bool, log zerolog.Logger) (net.Listener, error) {
	listener, err := net.Listen("tcp4", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is in use: pass another --address", address)
	case err != nil:
		return nil, err
	case listener.Addr().(*net.TCPAddr).IP.IsLoopback():
	case allowRemote:
		log.Warn().Msgf("other machines can reach %s: they can read and change all data of this app", address)
	default:
		_ = listener.Close()
		return nil, fmt.Errorf("other machines could reach %s: pass an --address such as 127.0.0.1:7071, or --allow-remote", address)
	}
	return listener, nil
}

// lockData reserves the data folder until the lock is released or the process
// ends: two platforms with one folder would both deliver its events. All files in
// it become readable for their owner only, whichever program wrote them.
func lockData(folder string) (*flock.Flock, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(folder, "lock"))
	if locked, err := lock.TryLock(); err != nil {
		return nil, err
	} else if !locked {
		return nil, fmt.Errorf("%s is in use by another devhost: stop it, or pass another folder with --data", folder)
	}
	return lock, MakePrivate(folder)
}

// MakePrivate removes the rights of other users from a folder and everything in
// it.
func MakePrivate(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err != nil || info.Mode().Perm()&0o077 == 0 {
			return nil
		}
		return os.Chmod(path, info.Mode().Perm()&0o700)
	})
}

// newEvents returns Event Grid with the app's subscriptions.
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
		Meta:          p.metaTarget,
		DeadLetter:    p.storage.PutBlob,
		TimeScale:     p.options.TimeScale,
		Log:           p.options.Log.With().Str("component", "eventgrid").Logger(),
		Observers:     []eventgrid.Observer{&p.history},
		Faults:        p.faults,
	})
}

// run delivers events and keeps a host running until ctx is done. Then it closes
// the server, which may still answer requests in progress.
func (p *Platform) run(ctx context.Context, h *host.Host) error {
	delivering, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() { p.events.Run(delivering) })
	err := p.keepRunning(ctx, h)
	stop()
	group.Wait()
	closing, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if p.server.Shutdown(closing) != nil {
		_ = p.server.Close()
	}
	return err
}

func (p *Platform) newPage() *simulator.Simulator {
	return simulator.New(simulator.Options{
		About: simulator.About{
			App:       p.App().Root,
			Address:   p.listener.Addr().String(),
			Topic:     p.Topic(),
			Embedded:  isEmbedded(p.options.Storage),
			TimeScale: p.events.TimeScale(),
		},
		Events:      p.events,
		Storage:     p.storage,
		Transcripts: p.transcripts,
		History:     &p.history,
		Faults:      p.faults,
		Webhook:     p.Webhook,
		Ready: func() bool {
			_, h, _ := p.current.get()
			return h != nil
		},
		SaveCase: p.options.SaveCase,
	})
}

// protected returns all that the platform serves.
func (p *Platform) protected(a *access, page http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/{$}", a.page(page))
	mux.Handle(simulator.Prefix, a.page(page))
	mux.Handle("/", a.endpoint(p.routes()))
	functions := a.endpoint(p.throttled(&host.HTTP{Requests: p, Keys: p.keys, Log: p.log}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		prefix := "/" + strings.ToLower(p.App().Host.HTTP.RoutePrefix) + "/"
		_, _, found := p.App().FindRoute(r.Method, r.URL.Path)
		switch {
		case found, prefix != "//" && strings.HasPrefix(strings.ToLower(r.URL.Path), prefix):
			functions.ServeHTTP(w, withDelivery(r))
		case strings.Contains(r.URL.Path, "//"): // the mux would redirect
			w.WriteHeader(http.StatusNotFound)
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

// throttled answers 429 to requests over maxOutstandingRequests of host.json
// (HttpThrottleMiddleware.cs).
func (p *Platform) throttled(next http.Handler) http.Handler {
	var outstanding atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer outstanding.Add(-1)
		if limit := p.App().Host.HTTP.MaxOutstanding; outstanding.Add(1) > int64(limit) && limit >= 0 {
			p.log.Warn().Msgf("request refused: %d requests are outstanding (extensions.http.maxOutstandingRequests)", limit)
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (p *Platform) routes() http.Handler {
	webhook := &host.Webhook{Functions: p, Keys: p.keys, Log: p.log}
	mux := http.NewServeMux()
	mux.Handle(eventgrid.Path, p.events)
	mux.HandleFunc(eventgrid.MetaPath, p.events.ServeMeta)
	mux.HandleFunc("GET "+pathStatus, p.hostStatus)
	mux.HandleFunc("GET "+pathFunctions, p.listFunctions)
	mux.HandleFunc("POST "+pathFunctions+"/{name}", p.inputFunction)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.ToLower(r.URL.Path)
		if strings.HasPrefix(path, "/runtime/webhooks/") {
			if !p.App().Uses(app.EventGridTrigger) { // the host does not load the extension
				w.WriteHeader(http.StatusNotFound)
				return
			}
			r.Body = http.MaxBytesReader(w, r.Body, host.BodyLimit(p.App()))
			webhook.ServeHTTP(w, withDelivery(r))
			return
		}
		if status := p.keys.CheckMaster(r); strings.HasPrefix(path, "/admin/") && status != http.StatusOK {
			w.WriteHeader(status)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// withDelivery returns a request with the delivery that its header names.
func withDelivery(r *http.Request) *http.Request {
	return r.WithContext(host.WithDelivery(r.Context(), r.Header.Get(eventgrid.HeaderDelivery)))
}

// Stop stops everything and returns when the handler has ended.
func (p *Platform) Stop() {
	p.stop()
	<-p.ended
}

// Ended returns a channel that is closed when the platform has ended.
func (p *Platform) Ended() <-chan struct{} { return p.ended }

// Err returns why the platform ended; nil after Stop. Call it after Ended.
func (p *Platform) Err() error { return p.err }

// URL returns the address of the platform, http://host:port.
func (p *Platform) URL() string { return "http://" + p.listener.Addr().String() }

// Webhook returns the address at which Event Grid or Meta calls a function.
func (p *Platform) Webhook(function string) string {
	if target, _ := p.metaTarget(); target.Function == function {
		return target.URL
	}
	address := p.URL() + host.WebhookPath + "?functionName=" + function
	if p.keys != nil {
		address += "&code=" + p.keys.EventGrid
	}
	return address
}

// Topic returns the address to publish events to.
func (p *Platform) Topic() string { return p.URL() + eventgrid.Path }

// Pending returns the number of events that are not delivered yet.
func (p *Platform) Pending() int { return p.events.Pending() }

// App returns the app as the current host has read it.
func (p *Platform) App() *app.App {
	a, _, _ := p.current.get()
	return a
}

// Storage returns the storage account of the outputs.
func (p *Platform) Storage() storage.Storage { return p.storage }

// Transcripts returns the transcripts of invocations.
func (p *Platform) Transcripts() *history.Folder { return p.transcripts }

// Data returns the data folder.
func (p *Platform) Data() string { return p.options.Data }
