package main

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// delivery delivers events and reports the outcome of each.
type delivery struct {
	options
	hook       endpoint
	routes     routes
	rejections *rejections // nil if they are not looked up
	out        io.Writer

	counts map[outcome]int
	// problems counts everything else that needs action.
	problems int
	// stopped is the reason why nothing more is delivered, or nil.
	stopped error
}

// outcome is what happened to an event.
type outcome string

const (
	written       outcome = "written"
	rejectedAgain outcome = "rejected again"
	accepted      outcome = "accepted"
	notAccepted   outcome = "not accepted"
	notDelivered  outcome = "not delivered"
	wouldDeliver  outcome = "would be delivered"
	leftOut       outcome = "left out"
)

// problem prints a problem of a file. A skipped file does not count as one.
func (d *delivery) problem(name string, err error) {
	fmt.Fprintf(d.out, "%s: %v\n", name, err)
	if !skipped(err) {
		d.problems++
	}
}

// report prints the outcome of an event.
func (d *delivery) report(file string, e event, o outcome, detail string) {
	if d.counts == nil {
		d.counts = map[outcome]int{}
	}
	d.counts[o]++
	fmt.Fprintf(d.out, "%s: %s: %s", file, e.name, o)
	if detail != "" {
		fmt.Fprintf(d.out, ": %s", detail)
	}
	fmt.Fprintln(d.out)
}

// deliver delivers the events of a file, each to its function.
func (d *delivery) deliver(ctx context.Context, in input) {
	events, errs := d.read(in.content)
	for _, err := range errs {
		d.problem(in.name, err)
	}
	if len(events)+len(errs) == 0 {
		fmt.Fprintf(d.out, "%s: no events\n", in.name)
	}
	var deliverable []event
	for _, e := range events {
		switch {
		case e.problem != "" && e.harmless:
			d.report(in.name, e, leftOut, e.problem)
		case e.problem != "":
			d.report(in.name, e, notDelivered, e.problem)
		case d.routes.function(e) == "":
			d.report(in.name, e, notDelivered, d.subscriptions+" has no function for its type")
		default:
			deliverable = append(deliverable, e)
		}
	}
	for _, batch := range d.routes.batches(deliverable) {
		d.deliverBatch(ctx, in.name, batch)
	}
}

func (d *delivery) deliverBatch(ctx context.Context, file string, b batch) {
	all := func(o outcome, detail string) {
		for _, e := range b.events {
			d.report(file, e, o, detail)
		}
	}
	if d.dryRun {
		for _, e := range b.events {
			d.report(file, e, wouldDeliver, "to "+b.function+note(e))
		}
		return
	}
	if ctx.Err() != nil {
		d.stopped = errors.New("interrupted")
	}
	if d.stopped != nil {
		all(notDelivered, d.stopped.Error())
		return
	}
	if err := d.hook.deliver(ctx, b); err != nil {
		if errors.Is(err, errHopeless) {
			d.stopped = errHopeless
		}
		all(notAccepted, err.Error())
		return
	}
	if d.rejections == nil {
		for _, e := range b.events {
			d.report(file, e, accepted, "by "+b.function+", which has written or rejected it: look in rejected-events"+note(e))
		}
		return
	}
	added, err := d.rejections.added(ctx)
	if err != nil {
		d.problem("rejected-events", err)
		all(accepted, "by "+b.function+", which has written or rejected it: rejected-events can't be read")
		return
	}
	for _, e := range b.events {
		switch r, ok := added.take(e); {
		case !ok:
			d.report(file, e, written, "by "+b.function)
		case r.written:
			d.report(file, e, written, fmt.Sprintf("by %s, without the parts that did not fit (%s)", b.function, r.reason))
		default:
			d.report(file, e, rejectedAgain, fmt.Sprintf("by %s: %s", b.function, r.reason))
		}
	}
}

// note warns of an event that the app can't write in full.
func note(e event) string {
	if e.oversize {
		return "; it is oversize and will be cut again"
	}
	return ""
}

// summary prints how many events had each outcome. The error is nil if none
// needs action.
func (d *delivery) summary(ctx context.Context) error {
	for _, o := range []outcome{written, accepted, wouldDeliver, leftOut, rejectedAgain, notAccepted, notDelivered} {
		if d.counts[o] > 0 {
			fmt.Fprintf(d.out, "%s: %d\n", o, d.counts[o])
		}
	}
	failed := d.counts[rejectedAgain] + d.counts[notAccepted] + d.counts[notDelivered]
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted")
	case failed > 0:
		return fmt.Errorf("events that need action: %d", failed)
	case d.problems > 0:
		return fmt.Errorf("problems: %d", d.problems)
	}
	return nil
}
