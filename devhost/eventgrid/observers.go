package eventgrid

import "time"

// Observers are told all that one observer would be.
type Observers []Observer

// Published implements [Observer].
func (o Observers) Published(events []Event, at time.Time) {
	for _, each := range o {
		each.Published(events, at)
	}
}

// Began implements [Observer].
func (o Observers) Began(a Attempt) {
	for _, each := range o {
		each.Began(a)
	}
}

// Ended implements [Observer].
func (o Observers) Ended(a Attempt, r Result) {
	for _, each := range o {
		each.Ended(a, r)
	}
}

// Buried implements [Observer].
func (o Observers) Buried(b Burial) {
	for _, each := range o {
		each.Buried(b)
	}
}
