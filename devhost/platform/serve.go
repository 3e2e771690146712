package platform

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/blobservice"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/mediaserver"
	"whatsapp-functions/devhost/simulator"
	"whatsapp-functions/devhost/storage/embedded"
)

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

// protected returns all that the platform serves.
func (p *Platform) protected(a *access, page http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/{$}", a.page(page))
	mux.Handle(simulator.Prefix, a.page(page))
	mux.Handle("/", a.endpoint(p.routes()))
	blobs := http.NotFoundHandler()
	if account, ok := p.storage.(*embedded.Storage); ok {
		blobs = a.endpoint(&blobservice.Service{Storage: account, Changed: p.history.Notify})
	}
	functions := map[*runner]http.Handler{}
	for _, r := range p.runners {
		functions[r] = a.endpoint(p.throttled(r, &host.HTTP{Requests: r, Keys: p.keys, Log: r.log}))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		app := p.routed(r)
		switch {
		case strings.HasPrefix(r.URL.Path, blobservice.Path):
			blobs.ServeHTTP(w, r)
		case app != nil:
			functions[app].ServeHTTP(w, withDelivery(r))
		case strings.Contains(r.URL.Path, "//"): // the mux would redirect
			w.WriteHeader(http.StatusNotFound)
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

// routed returns the app whose HTTP function takes a request, otherwise one that
// answers 404 because the path has its route prefix, otherwise nil.
func (p *Platform) routed(request *http.Request) (refusing *runner) {
	for _, r := range slices.Backward(p.runners) {
		a := r.App()
		if _, _, found := a.FindRoute(request.Method, request.URL.Path); found {
			return r
		}
		prefix := "/" + strings.ToLower(a.Host.HTTP.RoutePrefix) + "/"
		if prefix != "//" && strings.HasPrefix(strings.ToLower(request.URL.Path), prefix) {
			refusing = r
		}
	}
	return refusing
}

// throttled answers 429 to requests over maxOutstandingRequests of host.json
// (HttpThrottleMiddleware.cs).
func (p *Platform) throttled(app *runner, next http.Handler) http.Handler {
	var outstanding atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer outstanding.Add(-1)
		if limit := app.App().Host.HTTP.MaxOutstanding; outstanding.Add(1) > int64(limit) && limit >= 0 {
			app.log.Warn().Msgf("request refused: %d requests are outstanding (extensions.http.maxOutstandingRequests)", limit)
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (p *Platform) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(eventgrid.Path, p.events)
	mux.HandleFunc(eventgrid.MetaPath, p.events.ServeMeta)
	mux.Handle(mediaserver.GraphPath+"/", p.media)
	mux.Handle(mediaserver.ACSPath+"/", p.media)
	mux.HandleFunc("GET "+pathStatus, p.hostStatus)
	mux.HandleFunc("GET "+pathFunctions, p.listFunctions)
	mux.HandleFunc("POST "+pathFunctions+"/{name}", p.inputFunction)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.ToLower(r.URL.Path)
		if strings.HasPrefix(path, "/runtime/webhooks/") {
			if !slices.ContainsFunc(p.runners, func(r *runner) bool { return r.App().Uses(app.EventGridTrigger) }) { // the host does not load the extension
				w.WriteHeader(http.StatusNotFound)
				return
			}
			app := p.runnerOf(r.URL.Query().Get("functionName"))
			r.Body = http.MaxBytesReader(w, r.Body, host.BodyLimit(app.App()))
			webhook := &host.Webhook{Functions: app, Keys: p.keys, Log: app.log}
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
