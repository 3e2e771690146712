package simulator

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"net/http"
	"time"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/whatsapp"
)

// The pauses between live updates.
const (
	updatePause = 100 * time.Millisecond
	// longPause follows an update of more than longUpdate bytes, so that the
	// page stays responsive.
	longPause  = 500 * time.Millisecond
	longUpdate = 32 << 10
	// pollPause finds changes that nothing reports.
	pollPause = time.Second
	// heartbeat keeps proxies from closing the connection.
	heartbeat = 15 * time.Second
)

// maxWaiting limits the waiting events that are shown.
const maxWaiting = 50

// update is what has changed. Parts are sent whole when they have changed.
type update struct {
	history.Changes
	Parts map[string]jsontext.Value `json:"parts,omitzero"`
}

// live sends updates until the page is closed.
func (s *Simulator) live(w http.ResponseWriter, r *http.Request) {
	protect(w)
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	control := http.NewResponseController(w)
	c := connection{simulator: s, sent: map[string]jsontext.Value{}}
	poll, last := time.NewTicker(pollPause), time.Now()
	defer poll.Stop()
	for {
		changed := s.History.Changed()
		text, err := c.next()
		if err != nil {
			return
		}
		line := ""
		if text != nil {
			line = fmt.Sprintf("data: %s\n\n", text)
		} else if time.Since(last) > heartbeat {
			line = ": heartbeat\n\n"
		}
		if line != "" {
			last = time.Now()
			if _, err := io.WriteString(w, line); err != nil || control.Flush() != nil {
				return
			}
		}
		pause := updatePause
		if len(text) > longUpdate {
			pause = longPause
		}
		select {
		case <-poll.C:
			pause = 0
		case <-changed: // more changes may follow at once
		case <-s.done:
			return
		case <-r.Context().Done():
			return
		}
		select {
		case <-time.After(pause):
		case <-s.done:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// connection knows what a page has received.
type connection struct {
	simulator *Simulator
	revision  uint64
	sent      map[string]jsontext.Value
}

// next returns the next update; nil if there is none.
func (c *connection) next() ([]byte, error) {
	var u update
	before := c.revision
	u.Changes, c.revision = c.simulator.History.Since(before)
	for name, value := range c.simulator.parts() {
		text, err := json.Marshal(value, json.Deterministic(true), tolerant)
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
	if !u.Reset && u.Messages == nil && u.Deliveries == nil && u.DeadLetters == nil && u.Parts == nil {
		return nil, nil
	}
	return json.Marshal(u, tolerant)
}

// parts are sent whole.
func (s *Simulator) parts() map[string]any {
	waiting, count := s.Events.Waiting(maxWaiting)
	eventGrid, meta := eventgrid.Schedules()
	return map[string]any{
		"about":     s.About,
		"ready":     s.Ready(),
		"pending":   s.Events.Pending(),
		"waiting":   map[string]any{"soonest": waiting, "count": count, "schedule": seconds(eventGrid), "metaSchedule": seconds(meta)},
		"faults":    s.switches(),
		"overrides": s.overrides(),
		"dropped":   s.History.Dropped(),
		"storage":   s.History.Writes(),
		"codes":     map[string]any{"known": whatsapp.Failures, "classified": s.History.Failures()},
	}
}

// seconds returns pauses in seconds, as they are without --time-scale.
func seconds(pauses []time.Duration) (all []float64) {
	for _, pause := range pauses {
		all = append(all, pause.Seconds())
	}
	return all
}
