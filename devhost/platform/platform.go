// Package platform plays the part of Azure around an app: it listens for
// deliveries, keeps a host running, and restarts it when it ends or a file of
// the app changes. Other apps can run beside the first one.
package platform

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/mediaserver"
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

// Platform is an app that runs: a host, Event Grid, storage and the page. Apps that
// run beside it share all but the host.
type Platform struct {
	options Options
	log     zerolog.Logger
	storage storage.Storage
	// connection is the connection string of storage that handlers get.
	connection  string
	events      *eventgrid.Service
	history     history.Log
	transcripts *history.Folder
	keys        *host.Keys
	faults      *faults.Faults
	media       *mediaserver.Server
	// runners run the apps, the first one first.
	runners  []*runner
	listener net.Listener
	started  time.Time
	server   *http.Server
	stop     context.CancelFunc
	ended    chan struct{}
	err      error
}

// Start starts the apps and returns when their handlers are ready.
func Start(ctx context.Context, o Options) (_ *Platform, err error) {
	p := &Platform{
		options: o,
		log:     o.Log.With().Str("component", "devhost").Logger(),
		started: time.Now(),
		ended:   make(chan struct{}),
	}
	apps, err := p.openApps()
	if err != nil {
		return nil, err
	}
	p.options.Data = dataFolder(apps[0].Root, o.Data)
	if p.listener, err = listen(o.Address, o.AllowRemote, p.log); err != nil {
		return nil, err
	}
	lock, err := lockData(p.options.Data)
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
	if err := p.openParts(ctx, apps); err != nil {
		return nil, err
	}
	hosts, err := p.startHosts(ctx, apps)
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
		p.err = p.run(running, hosts)
		_ = lock.Unlock()
	}()
	return p, nil
}

// openParts opens what the hosts and the page use.
func (p *Platform) openParts(ctx context.Context, apps []*app.App) (err error) {
	o := p.options
	if p.storage, err = openStorage(ctx, apps[0], o.Data, o.Storage, o.Environ, o.Log); err != nil {
		return err
	}
	p.connection = p.handlerStorage(apps[0])
	if p.transcripts, err = history.OpenFolder(filepath.Join(o.Data, "invocations"), p.log); err != nil {
		return err
	}
	p.restoreHistory()
	if p.faults, err = faults.New(o.Faults); err != nil {
		return err
	}
	files, err := mediaserver.OpenStore(filepath.Join(o.Data, "media"))
	if err != nil {
		return err
	}
	p.media = mediaserver.NewServer(files)
	if o.Keys {
		if p.keys, err = host.OpenKeys(filepath.Join(o.Data, "keys.json")); err != nil {
			return err
		}
	}
	p.events, err = p.newEvents(apps)
	return err
}

// restored is the number of invocations that a new start shows.
const restored = 200

// restoreHistory shows the last invocations of earlier starts again.
func (p *Platform) restoreHistory() {
	for _, t := range slices.Backward(p.transcripts.Shown(restored)) {
		p.history.Restore(t)
	}
}

// newEvents returns Event Grid with the subscriptions of the first app.
func (p *Platform) newEvents(apps []*app.App) (*eventgrid.Service, error) {
	subscriptions, err := eventgrid.ReadSubscriptions(filepath.Join(apps[0].Root, SubscriptionsFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, s := range subscriptions {
		if !slices.ContainsFunc(apps, func(a *app.App) bool { _, ok := a.Function(s.Function); return ok }) {
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

// run delivers events and keeps the hosts running until ctx is done. Then it closes
// the server, which may still answer requests in progress.
func (p *Platform) run(ctx context.Context, hosts []*host.Host) error {
	delivering, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() { p.events.Run(delivering) })
	err := p.keepRunning(ctx, hosts)
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
		Media:       p.media,
		Webhook:     p.Webhook,
		Ready:       p.isReady,
		SaveCase:    p.options.SaveCase,
	})
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

// App returns the first app as its current host has read it.
func (p *Platform) App() *app.App { return p.runners[0].App() }

// Storage returns the storage account of the outputs.
func (p *Platform) Storage() storage.Storage { return p.storage }

// Transcripts returns the transcripts of invocations.
func (p *Platform) Transcripts() *history.Folder { return p.transcripts }

// Data returns the data folder.
func (p *Platform) Data() string { return p.options.Data }
