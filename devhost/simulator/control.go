package simulator

import (
	"net/http"
	"time"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/faults"
)

// switches are the faults as JSON.
type switches struct {
	Crashes    int     `json:"crashes"`
	FailWrites float64 `json:"failWrites"`
	Duplicates float64 `json:"duplicates"`
	Reorder    bool    `json:"reorder"`
	// Delay is in seconds.
	Delay float64 `json:"delay"`
}

func (s *Simulator) switches() switches {
	f := s.Faults.Switches()
	return switches{f.Crashes, f.FailWrites, f.Duplicates, f.Reorder, f.Delay.Seconds()}
}

func (s *Simulator) setFaults(_ *http.Request, body switches) (any, error) {
	err := s.Faults.Set(faults.Switches{
		Crashes:    body.Crashes,
		FailWrites: body.FailWrites,
		Duplicates: body.Duplicates,
		Reorder:    body.Reorder,
		Delay:      time.Duration(min(body.Delay, 1e6) * float64(time.Second)),
	})
	return s.changed(err)
}

// overrides are those of Event Grid as JSON.
type overrides struct {
	Schema string `json:"schema"`
	Batch  int    `json:"batch"`
}

func (s *Simulator) overrides() overrides {
	o := s.Events.Overrides()
	return overrides{o.Schema, o.MaxEventsPerBatch}
}

func (s *Simulator) setOverrides(_ *http.Request, body overrides) (any, error) {
	return s.changed(s.Events.Override(eventgrid.Overrides{Schema: body.Schema, MaxEventsPerBatch: body.Batch}))
}

// deliverNow ends the pauses before the next attempts.
func (s *Simulator) deliverNow(*http.Request, empty) (any, error) {
	s.Events.DeliverNow()
	return s.changed(nil)
}

// clear removes the conversation and the trace. Deliveries in progress go on.
func (s *Simulator) clear(*http.Request, empty) (any, error) {
	s.History.Clear()
	if err := s.Transcripts.Hide(time.Now()); err != nil {
		return nil, err
	}
	return nil, nil
}

// changed updates all pages, unless a change was refused.
func (s *Simulator) changed(err error) (any, error) {
	if err != nil {
		return nil, bad(err)
	}
	s.History.Notify()
	return nil, nil
}
