// Package simulator serves the page on which a developer writes as a WhatsApp
// user and follows the events: its files, and the requests that it makes.
package simulator

import (
	"context"
	"embed"
	"net/http"
	"sync"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/mediaserver"
	"whatsapp-functions/devhost/storage"
)

// Options are what the page shows and controls.
type Options struct {
	About       About
	Events      *eventgrid.Service
	Storage     storage.Storage
	Transcripts *history.Folder
	History     *history.Log
	Faults      *faults.Faults
	// Media has the files that the page uploads.
	Media *mediaserver.Server
	// Webhook returns the address at which Event Grid or Meta calls a function.
	Webhook func(function string) string
	// Ready reports whether the host is running.
	Ready func() bool
	// SaveCase saves an invocation as a test case and returns its file. If it is
	// nil the page does not offer it.
	SaveCase func(ctx context.Context, t history.Transcript) (file string, err error)
}

// About describes what runs.
type About struct {
	App     string `json:"app"`
	Address string `json:"address"`
	Topic   string `json:"topic"`
	// Embedded means that outputs are files, Local that they stay on this
	// machine.
	Embedded bool `json:"embedded"`
	Local    bool `json:"local"`
	// Cases means that test cases can be saved.
	Cases     bool    `json:"cases"`
	TimeScale float64 `json:"timeScale"`
}

// Prefix is the path of everything except the page itself, which is at /.
const Prefix = "/simulator/"

//go:embed page
var files embed.FS

// Simulator serves the page.
type Simulator struct {
	Options
	mux   *http.ServeMux
	done  chan struct{}
	close sync.Once
}

// New returns a server of the page.
func New(o Options) *Simulator {
	o.About.Local, o.About.Cases = o.Storage.Local(), o.SaveCase != nil
	s := &Simulator{Options: o, mux: http.NewServeMux(), done: make(chan struct{})}
	s.servePage()
	for pattern, handler := range map[string]http.Handler{
		"POST " + Prefix + "media":                       http.HandlerFunc(s.uploadMedia),
		"DELETE " + Prefix + "media/{id}":                query(s.expireMedia),
		"GET " + Prefix + "file":                         http.HandlerFunc(s.file),
		"POST " + Prefix + "messages":                    command(s.sendMessages),
		"POST " + Prefix + "outgoing":                    command(s.addOutgoing),
		"POST " + Prefix + "statuses":                    command(s.sendStatuses),
		"GET " + Prefix + "deliveries/{id}":              query(s.delivery),
		"POST " + Prefix + "deliveries/{id}/again":       command(s.sendAgain),
		"POST " + Prefix + "deliveries/{id}/case":        command(s.saveCase),
		"GET " + Prefix + "storage":                      query(s.stores),
		"GET " + Prefix + "storage/{kind}/{name}":        query(s.contents),
		"DELETE " + Prefix + "storage/queue/{name}/{id}": query(s.removeMessage),
		"GET " + Prefix + "blob":                         query(s.blob),
		"POST " + Prefix + "storage/clear":               command(s.clearStorage),
		"PUT " + Prefix + "faults":                       command(s.setFaults),
		"PUT " + Prefix + "overrides":                    command(s.setOverrides),
		"POST " + Prefix + "deliver-now":                 command(s.deliverNow),
		"POST " + Prefix + "clear":                       command(s.clear),
		"GET " + Prefix + "live":                         http.HandlerFunc(s.live),
	} {
		s.mux.Handle(pattern, handler)
	}
	return s
}

// ServeHTTP implements [http.Handler].
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Close ends the live connections.
func (s *Simulator) Close() { s.close.Do(func() { close(s.done) }) }
