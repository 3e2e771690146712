// Package simulator is the page at which a developer is the WhatsApp user, and
// sees what becomes of what they do: its files, and what they ask the server.
package simulator

import (
	"context"
	"embed"
	"net/http"
	"sync"

	"whatsapp-functions/devhost/chat"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/trace"
	"whatsapp-functions/devhost/transcript"
)

// Options are what the page shows and drives.
type Options struct {
	About       About
	Events      *eventgrid.Service
	Storage     storage.Storage
	Transcripts *transcript.Folder
	Trace       *trace.Log
	Chat        *chat.Log
	Faults      *faults.Faults
	// Webhook is the address at which a function is delivered to.
	Webhook func(function string) string
	// Ready reports whether there is a host to deliver to.
	Ready func() bool
	// SaveCase makes a test case of an invocation and returns its file. Where
	// it is nil none are made.
	SaveCase func(ctx context.Context, t transcript.Transcript) (file string, err error)
}

// About says what runs.
type About struct {
	App     string `json:"app"`
	Address string `json:"address"`
	Topic   string `json:"topic"`
	// Embedded says that outputs go to files, Local that they stay on this
	// machine.
	Embedded bool `json:"embedded"`
	Local    bool `json:"local"`
	// Cases says that test cases can be made.
	Cases     bool    `json:"cases"`
	TimeScale float64 `json:"timeScale"`
}

// Prefix is where everything lies but the page itself, which is at /.
const Prefix = "/simulator/"

//go:embed page
var files embed.FS

// Simulator serves the page.
type Simulator struct {
	options Options
	mux     *http.ServeMux
	pulse   pulse
	written counter
	epoch   counter
	done    chan struct{}
	close   sync.Once
}

// New serves the page. It takes over what the logs call when they change.
func New(o Options) *Simulator {
	o.About.Local = o.Storage.Local()
	o.About.Cases = o.SaveCase != nil
	s := &Simulator{options: o, mux: http.NewServeMux(), done: make(chan struct{})}
	o.Trace.Changed, o.Chat.Changed = s.pulse.beat, s.pulse.beat
	s.servePage()
	for pattern, handle := range map[string]func(*http.Request) (any, error){
		"POST " + Prefix + "messages":              s.sendMessages,
		"POST " + Prefix + "outgoing":              s.sendOutgoing,
		"POST " + Prefix + "statuses":              s.sendStatuses,
		"GET " + Prefix + "deliveries/{id}":        s.delivery,
		"POST " + Prefix + "deliveries/{id}/again": s.again,
		"POST " + Prefix + "deliveries/{id}/case":  s.saveCase,
		"GET " + Prefix + "storage":                s.overview,
		"GET " + Prefix + "storage/{kind}/{name}":  s.contents,
		"GET " + Prefix + "blob":                   s.blob,
		"POST " + Prefix + "storage/clear":         s.clearStorage,
		"PUT " + Prefix + "faults":                 s.setFaults,
		"PUT " + Prefix + "manner":                 s.setManner,
		"POST " + Prefix + "hurry":                 s.hurry,
		"POST " + Prefix + "clear":                 s.clear,
	} {
		s.mux.Handle(pattern, answering(handle))
	}
	s.mux.HandleFunc("GET "+Prefix+"live", s.live)
	return s
}

// ServeHTTP implements [http.Handler].
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mux.ServeHTTP(w, r)
}

// Written says that something may have been written to storage.
func (s *Simulator) Written() {
	s.written.add()
	s.pulse.beat()
}

// Close ends what is live.
func (s *Simulator) Close() { s.close.Do(func() { close(s.done) }) }
