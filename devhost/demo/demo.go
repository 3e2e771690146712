package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/storage"
)

// Demo publishes the events of files to an app.
type Demo struct {
	// Files hold the events; each file is one delivery to each function.
	Files         []string
	Subscriptions []eventgrid.Subscription
	// Expectations state where the app writes events.
	Expectations Expectations
	// Webhook returns the URL of a function.
	Webhook func(function string) string
	// Meta is the function that takes webhooks of Meta, "" if none does. DeliverMeta
	// delivers one, signed.
	Meta        string
	DeliverMeta func(ctx context.Context, body []byte) error
	Storage     storage.Reader
	Out         io.Writer
}

// ErrLost means that an event was not found in storage.
var ErrLost = errors.New("not every event is accounted for")

// Run delivers the events of each file to the functions that subscribe to them, and
// one event to a function that does not. It reads storage back, prints an item of
// everything in it, and accounts for every event. The error is [ErrLost] or a failure.
func (d Demo) Run(ctx context.Context) error {
	fmt.Fprint(d.Out, "The events of each file are delivered to the functions that subscribe to them. A webhook\n"+
		"of Meta is delivered, signed, to the function that takes it.\n\n")
	var sent []delivered
	events := 0
	var stray *delivery // with an event that no function subscribes to
	for _, file := range d.Files {
		whole, err := readDelivery(file)
		if err != nil {
			return err
		}
		functions := whole.functions(d.Subscriptions, d.Meta)
		if len(functions) == 0 {
			fmt.Fprintf(d.Out, "%s: no function subscribes to any of its events: Event Grid would drop them\n", file)
			continue
		}
		events += len(whole.events)
		for _, function := range functions {
			part := whole
			if !whole.webhook {
				part = whole.only(func(e event) bool { return d.subscribes(function, e) })
			}
			sent = append(sent, delivered{part, function})
			if err := d.deliver(ctx, part, function); err != nil {
				return err
			}
		}
		if stray == nil && !whole.webhook {
			stray = d.stray(whole)
		}
	}
	if stray != nil && len(d.Subscriptions) > 0 {
		function := d.Subscriptions[0].Function
		fmt.Fprintf(d.Out, "On purpose, one event is rejected: %s of %s, which no subscription delivers,\n"+
			"is delivered to %s. The function must keep it in %s.\n", stray.events[0].kind, stray.file, function, d.Expectations.Rejected)
		sent = append(sent, delivered{*stray, function})
		if err := d.deliver(ctx, *stray, function); err != nil {
			return err
		}
	}
	if err := d.show(ctx); err != nil {
		return err
	}
	found, err := d.Expectations.read(ctx, d.Storage)
	if err != nil {
		return err
	}
	for _, name := range found.empty {
		fmt.Fprintf(d.Out, "\nskipped %s/%s: it has 0 bytes, because its invocation failed\n", d.Expectations.Rejected, name)
	}
	return d.account(events, sent, found)
}

// delivered is a delivery and the function that got it.
type delivered struct {
	delivery
	function string
}

// subscribes reports whether a function subscribes to events like this one.
func (d Demo) subscribes(function string, e event) bool {
	return slices.ContainsFunc(d.Subscriptions, func(s eventgrid.Subscription) bool {
		return s.Function == function && s.Takes(e.kind)
	})
}

// stray returns a delivery of the first event that no function subscribes to, or nil.
func (d Demo) stray(whole delivery) *delivery {
	found := false
	part := whole.only(func(e event) bool {
		first := !found && !slices.ContainsFunc(d.Subscriptions, func(s eventgrid.Subscription) bool { return s.Takes(e.kind) })
		found = found || first
		return first
	})
	if !found {
		return nil
	}
	return &part
}

// deliver posts a delivery to a function as Event Grid does.
func (d Demo) deliver(ctx context.Context, delivery delivery, function string) error {
	if delivery.webhook {
		if err := d.DeliverMeta(ctx, delivery.body); err != nil {
			return fmt.Errorf("%s: %w", delivery.file, err)
		}
		return nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.Webhook(function), bytes.NewReader(delivery.body))
	if err != nil {
		return err
	}
	request.Header.Set("aeg-event-type", "Notification")
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusAccepted {
		return fmt.Errorf("%s: %s answered %s", delivery.file, function, response.Status)
	}
	return nil
}

// account looks for every event at the function that got it. The last line has the
// totals.
func (d Demo) account(events int, sent []delivered, found *found) error {
	var times, written, rejected, lost int
	for _, s := range sent {
		for _, e := range s.events {
			times++
			missing, isRejected := d.look(s.function, e, found)
			switch {
			case len(missing) > 0:
				lost++
				fmt.Fprintf(d.Out, "\nLOST: event %s of %s at %s is not in %s\n", e.id, s.file, s.function, strings.Join(missing, ", "))
			case isRejected:
				rejected++
			default:
				written++
			}
		}
	}
	fmt.Fprintf(d.Out, "\nevents %d, delivered to functions %d times: %d written, %d kept in %s, %d lost\n",
		events, times, written, rejected, d.Expectations.Rejected, lost)
	if lost > 0 {
		return ErrLost
	}
	return nil
}

// look looks for an event that was delivered to a function. A rejected event is
// complete unless the rejection states that it is also written.
func (d Demo) look(function string, e event, found *found) (missing []string, rejected bool) {
	written, rejected := found.takeRejected(function, e)
	if function == d.Meta {
		return found.take(d.Expectations.Functions[function], e), rejected
	}
	switch {
	case rejected && !written:
		return nil, true
	case !d.subscribes(function, e):
		return []string{"container " + d.Expectations.Rejected}, false
	default:
		return found.take(d.Expectations.Functions[function], e), false
	}
}
