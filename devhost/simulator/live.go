package simulator

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"net/http"
	"time"

	"whatsapp-functions/devhost/chat"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/trace"
	"whatsapp-functions/devhost/whatsapp"
)

// The live updates: what changes within a moment comes at once, and what
// nobody says has changed is looked at now and then.
const (
	moment = 100 * time.Millisecond
	// muchMoment is the moment behind an update of more than muchText: a page
	// must have time for whoever uses it.
	muchMoment = 500 * time.Millisecond
	muchText   = 32 << 10
	lookout    = time.Second
	// heartbeat keeps proxies from taking the connection for dead.
	heartbeat = 15 * time.Second
)

// maxWaiting is how many events that wait are shown.
const maxWaiting = 50

// update is what has changed. A member that is not there has not.
type update struct {
	// Reset says that everything comes anew.
	Reset      bool             `json:"reset,omitzero"`
	Deliveries []trace.Delivery `json:"deliveries,omitzero"`
	Chat       []chat.Entry     `json:"chat,omitzero"`
	Letters    *[]trace.Letter  `json:"letters,omitzero"`
	// Parts are told whole when they have changed.
	Parts map[string]jsontext.Value `json:"parts,omitzero"`
}

// live sends updates until the page is closed.
func (s *Simulator) live(w http.ResponseWriter, r *http.Request) {
	protect(w)
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	control := http.NewResponseController(w)
	c := &connection{simulator: s, sent: map[string]jsontext.Value{}}
	timer, last := time.NewTicker(lookout), time.Now()
	defer timer.Stop()
	for {
		changed := s.pulse.wait()
		text, err := c.next()
		if err != nil {
			return
		}
		line := ""
		if text != nil {
			line = fmt.Sprintf("data: %s\n\n", text)
		} else if time.Since(last) > heartbeat {
			line = ": still there\n\n"
		}
		if line != "" {
			last = time.Now()
			if _, err := io.WriteString(w, line); err != nil || control.Flush() != nil {
				return
			}
		}
		select {
		case <-s.done:
			return
		case <-r.Context().Done():
			return
		case <-timer.C:
		case <-changed:
			// Much happens at once: it is told at once.
			select {
			case <-time.After(pause(len(text))):
			case <-s.done:
				return
			case <-r.Context().Done():
				return
			}
		}
	}
}

// pause is how long to wait behind an update of some length.
func pause(length int) time.Duration {
	if length > muchText {
		return muchMoment
	}
	return moment
}

// connection knows what a page has been told.
type connection struct {
	simulator         *Simulator
	begun             bool
	epoch             uint64
	deliveries, chats uint64
	sent              map[string]jsontext.Value
}

// next is the next update; nil if there is none.
func (c *connection) next() ([]byte, error) {
	o, u := c.simulator.options, update{}
	if epoch := c.simulator.epoch.get(); !c.begun || epoch != c.epoch {
		*c = connection{simulator: c.simulator, begun: true, epoch: epoch, sent: map[string]jsontext.Value{}}
		u.Reset = true
	}
	// The letters come last: of those that come between, some are told twice.
	before := c.deliveries
	u.Deliveries, c.deliveries = o.Trace.Since(before)
	if letters, ok := o.Trace.Letters(before); ok {
		u.Letters = &letters
	}
	u.Chat, c.chats = o.Chat.Since(c.chats)
	for name, value := range c.simulator.parts() {
		text, err := json.Marshal(value, json.Deterministic(true))
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(text, c.sent[name]) {
			c.sent[name] = text
			if u.Parts == nil {
				u.Parts = map[string]jsontext.Value{}
			}
			u.Parts[name] = text
		}
	}
	if !u.Reset && u.Deliveries == nil && u.Chat == nil && u.Letters == nil && u.Parts == nil {
		return nil, nil
	}
	return json.Marshal(u, loose)
}

// schedule are the pauses behind each attempt, in Azure's seconds.
func schedule() []float64 {
	var seconds []float64
	for _, pause := range eventgrid.Schedule() {
		seconds = append(seconds, pause.Seconds())
	}
	return seconds
}

// parts are what is told whole.
func (s *Simulator) parts() map[string]any {
	o := s.options
	waiting, count := o.Events.Waiting(maxWaiting)
	m := o.Events.Overrides()
	return map[string]any{
		"about":     o.About,
		"ready":     o.Ready(),
		"pending":   o.Events.Pending(),
		"waiting":   map[string]any{"soonest": waiting, "count": count, "schedule": schedule()},
		"faults":    newSwitches(o.Faults.Switches()),
		"manner":    deliveries{m.Schema, m.MaxEventsPerBatch},
		"forgotten": map[string]int{"deliveries": o.Trace.Forgotten(), "chat": o.Chat.Forgotten()},
		"storage":   s.written.get(),
		"codes":     map[string]any{"known": whatsapp.Failures, "said": o.Chat.Failures()},
	}
}
