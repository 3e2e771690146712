package prove_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// schedule is a list of events and of their deliveries: repeated, in any order
// and any batches, until every event has been in a delivery without a fault.
type schedule struct {
	seed       uint64
	events     []published
	deliveries []delivery
}

// delivery is one attempt to deliver some events to a function.
type delivery struct {
	function string
	// events are indexes into the schedule's events.
	events []int
	// many makes one invocation of all events, instead of one for each.
	many  bool
	fault deliveryFault
	// late writes the outputs after the handler has answered the next delivery,
	// as happens when Event Grid does not wait any longer.
	late bool
}

// accepted reports whether Event Grid gets the answer that the delivery succeeded.
func (d delivery) accepted() bool { return d.fault.kind == none }

func (s schedule) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "seed %d\n", s.seed)
	for i, e := range s.events {
		fmt.Fprintf(&text, "  event %d, for %s: %.300s\n", i, e.function, e.text)
	}
	for i, d := range s.deliveries {
		fmt.Fprintf(&text, "  delivery %d: events %v to %s", i, d.events, d.function)
		if !d.many {
			text.WriteString(", one invocation each")
		}
		if d.late {
			text.WriteString(", written late")
		}
		if d.fault.kind != none {
			fmt.Fprintf(&text, "; %s", d.fault)
		}
		text.WriteString("\n")
	}
	return text.String()
}

// randomFault returns a fault that a delivery to the function can have.
func randomFault(random *rand.Rand, function string) deliveryFault {
	if random.IntN(2) == 0 {
		return deliveryFault{kind: none}
	}
	kind := pick(random, lostRequest, lostAnswer, failedWrite, failedWrite, unsureWrite, unsureWrite, lostAck)
	if kind != failedWrite && kind != unsureWrite {
		return deliveryFault{kind: kind}
	}
	outputs := []string{"inbound-messages", "Messages", requestQueue, "rejected-events"}
	switch function {
	case statuses:
		outputs = []string{"MessageStatus", "failed-messages", "status-updates", "rejected-events"}
	case webhooks:
		outputs = append(outputs, "MessageStatus", "failed-messages", "status-updates", "contact-preferences", "channel-events")
	}
	return deliveryFault{kind: kind, output: pick(random, outputs...), nth: random.IntN(3)}
}

// newSchedule returns the schedule of a seed.
func newSchedule(seed uint64, samples []string) schedule {
	random := rand.New(rand.NewPCG(seed, 1))
	from := publisher{random: random, samples: samples}
	s := schedule{seed: seed}
	for range 1 + random.IntN(10) {
		s.events = append(s.events, from.publish())
	}
	waiting := map[int]bool{}
	for i := range s.events {
		waiting[i] = true
	}
	for len(waiting) > 0 {
		d := s.randomDelivery(random, waiting)
		if len(s.deliveries) > 40 {
			d.fault = deliveryFault{kind: none}
		}
		s.deliveries = append(s.deliveries, d)
		if d.accepted() {
			for _, i := range d.events {
				delete(waiting, i)
			}
		}
	}
	for range random.IntN(3) { // at least once: sometimes again
		s.deliveries = append(s.deliveries, s.randomDelivery(random, nil))
	}
	return s
}

// randomDelivery delivers some events of one function, mostly those that wait.
func (s schedule) randomDelivery(random *rand.Rand, waiting map[int]bool) delivery {
	var candidates []int
	for i := range s.events {
		if waiting[i] || random.IntN(5) == 0 {
			candidates = append(candidates, i)
		}
	}
	if len(candidates) == 0 {
		candidates = []int{random.IntN(len(s.events))}
	}
	random.Shuffle(len(candidates), func(i, j int) { candidates[i], candidates[j] = candidates[j], candidates[i] })
	d := delivery{function: s.events[candidates[0]].function, many: random.IntN(4) > 0, late: random.IntN(8) == 0}
	d.fault = randomFault(random, d.function)
	size := 1 + random.IntN(6)
	for _, i := range candidates {
		if s.events[i].function == d.function && len(d.events) < size {
			d.events = append(d.events, i)
		}
	}
	if random.IntN(10) == 0 {
		d.events = append(d.events, d.events[0])
	}
	return d
}

// complete reports whether every event is in an accepted delivery.
func (s schedule) complete() bool {
	for i := range s.events {
		if !slices.ContainsFunc(s.deliveries, func(d delivery) bool { return d.accepted() && slices.Contains(d.events, i) }) {
			return false
		}
	}
	return true
}

// smaller returns schedules that are one step simpler.
func (s schedule) smaller() []schedule {
	var all []schedule
	for i := range s.events {
		all = append(all, s.withoutEvent(i))
	}
	for i, d := range s.deliveries {
		change := func(change func(d *delivery)) {
			other := s
			other.deliveries = slices.Clone(s.deliveries)
			change(&other.deliveries[i])
			all = append(all, other)
		}
		other := s
		other.deliveries = slices.Delete(slices.Clone(s.deliveries), i, i+1)
		all = append(all, other)
		if d.fault.kind != none {
			change(func(d *delivery) { d.fault = deliveryFault{kind: none} })
		}
		if d.late {
			change(func(d *delivery) { d.late = false })
		}
		for j := range d.events {
			if len(d.events) > 1 {
				change(func(d *delivery) { d.events = slices.Delete(slices.Clone(d.events), j, j+1) })
			}
		}
	}
	return all
}

// withoutEvent returns the schedule without an event.
func (s schedule) withoutEvent(gone int) schedule {
	other := schedule{seed: s.seed, events: slices.Delete(slices.Clone(s.events), gone, gone+1)}
	for _, d := range s.deliveries {
		var events []int
		for _, i := range d.events {
			switch {
			case i < gone:
				events = append(events, i)
			case i > gone:
				events = append(events, i-1)
			}
		}
		if d.events = events; len(events) > 0 {
			other.deliveries = append(other.deliveries, d)
		}
	}
	return other
}

// shrink returns the simplest schedule that it finds and that is still wrong.
func shrink(s schedule, wrong func(schedule) bool) schedule {
	for {
		i := slices.IndexFunc(s.smaller(), func(other schedule) bool {
			return len(other.events) > 0 && other.complete() && wrong(other)
		})
		if i < 0 {
			return s
		}
		s = s.smaller()[i]
	}
}
