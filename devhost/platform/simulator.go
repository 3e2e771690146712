package platform

import (
	"net/http"
	"sync/atomic"
	"time"

	"whatsapp-functions/devhost/chat"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/guard"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/simulator"
	"whatsapp-functions/devhost/trace"
)

// observers see all that happens, for the page, also before there is one.
type observers struct {
	trace trace.Log
	chat  chat.Log
	page  atomic.Pointer[simulator.Simulator]
}

func (o *observers) invoked(r host.Result) {
	o.trace.Invoked(r)
	o.chat.Invoked(r)
	o.written()
}

func (o *observers) written() {
	if page := o.page.Load(); page != nil {
		page.Written()
	}
}

// DeadLettered implements [eventgrid.Observer]: dead letters are written to storage.
func (o *observers) DeadLettered(eventgrid.DeadLetters) { o.written() }

// Published, DeliveryStarted and DeliveryEnded implement [eventgrid.Observer].
func (o *observers) Published([]eventgrid.Event, time.Time)            {}
func (o *observers) DeliveryStarted(eventgrid.Attempt)                 {}
func (o *observers) DeliveryEnded(eventgrid.Attempt, eventgrid.Result) {}

func (p *Platform) newSimulator() *simulator.Simulator {
	return simulator.New(simulator.Options{
		About: simulator.About{
			App:       p.App().Root,
			Address:   p.listener.Addr().String(),
			Topic:     p.Topic(),
			Embedded:  p.options.embedded(),
			TimeScale: p.events.TimeScale(),
		},
		Events:      p.events,
		Storage:     p.storage,
		Transcripts: p.transcripts,
		Trace:       &p.seen.trace,
		Chat:        &p.seen.chat,
		Faults:      p.faults,
		Webhook:     p.Webhook,
		Ready: func() bool {
			_, h, _ := p.current.get()
			return h != nil
		},
		SaveCase: p.options.SaveCase,
	})
}

// guarded is what the platform serves, closed to web sites.
func (p *Platform) guarded(page http.Handler, endpoints http.Handler) http.Handler {
	g := guard.Guard{Address: p.listener.Addr().String()}
	mux := http.NewServeMux()
	mux.Handle("/{$}", g.Page(page))
	mux.Handle(simulator.Prefix, g.Page(page))
	mux.Handle("/", g.Endpoint(endpoints))
	return mux
}

// traced tells whoever is called which delivery it is for.
func traced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(eventgrid.HeaderDelivery)
		next.ServeHTTP(w, r.WithContext(host.WithDelivery(r.Context(), id)))
	})
}
