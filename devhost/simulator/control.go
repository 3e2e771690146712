package simulator

import (
	"net/http"
	"time"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/faults"
)

// switches are the faults as the page writes them.
type switches struct {
	Crashes    int     `json:"crashes"`
	FailWrites float64 `json:"failWrites"`
	Duplicates float64 `json:"duplicates"`
	Reorder    bool    `json:"reorder"`
	// Delay is in seconds.
	Delay float64 `json:"delay"`
}

func newSwitches(s faults.Switches) switches {
	return switches{s.Crashes, s.FailWrites, s.Duplicates, s.Reorder, s.Delay.Seconds()}
}

// setFaults turns the switches.
func (s *Simulator) setFaults(r *http.Request) (any, error) {
	var request switches
	if err := decode(r, &request); err != nil {
		return nil, err
	}
	err := s.options.Faults.Set(faults.Switches{
		Crashes:    request.Crashes,
		FailWrites: request.FailWrites,
		Duplicates: request.Duplicates,
		Reorder:    request.Reorder,
		Delay:      time.Duration(min(request.Delay, 1e6) * float64(time.Second)),
	})
	if err != nil {
		return nil, bad(err)
	}
	s.pulse.beat()
	return nil, nil
}

// deliveries are how events are delivered, as the page writes it.
type deliveries struct {
	Schema string `json:"schema"`
	Batch  int    `json:"batch"`
}

// setManner changes how events are delivered.
func (s *Simulator) setManner(r *http.Request) (any, error) {
	var request deliveries
	if err := decode(r, &request); err != nil {
		return nil, err
	}
	if err := s.options.Events.Override(eventgrid.Overrides{Schema: request.Schema, MaxEventsPerBatch: request.Batch}); err != nil {
		return nil, bad(err)
	}
	s.pulse.beat()
	return nil, nil
}

// hurry waits for no pause any longer.
func (s *Simulator) hurry(r *http.Request) (any, error) {
	if err := decode(r, &struct{}{}); err != nil {
		return nil, err
	}
	s.options.Events.DeliverNow()
	s.pulse.beat()
	return nil, nil
}

// clear forgets the conversation and the trace. What is on its way goes on.
func (s *Simulator) clear(r *http.Request) (any, error) {
	if err := decode(r, &struct{}{}); err != nil {
		return nil, err
	}
	s.options.Chat.Clear()
	s.options.Trace.Clear()
	s.epoch.add()
	s.pulse.beat()
	return nil, nil
}
