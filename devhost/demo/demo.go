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
	// Files hold the events; each file is one delivery.
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

// Run delivers each file to all functions that subscribe to one of its events,
// reads storage back, prints an item of everything in it, and accounts for every
// event. The error is [ErrLost] or a failure.
func (d Demo) Run(ctx context.Context) error {
	fmt.Fprintf(d.Out, "Each file with events of Event Grid is delivered, as a whole, to every function that\n"+
		"subscribes to one of them. On purpose: the function must keep the others in %s.\n"+
		"A webhook of Meta is delivered, signed, to the function that takes it.\n\n", d.Expectations.Rejected)
	var deliveries []delivery
	for _, file := range d.Files {
		delivery, err := readDelivery(file)
		if err != nil {
			return err
		}
		functions := delivery.functions(d.Subscriptions, d.Meta)
		if len(functions) == 0 {
			fmt.Fprintf(d.Out, "%s: no function subscribes to any of its events: Event Grid would drop them\n", file)
			continue
		}
		for _, function := range functions {
			if err := d.deliver(ctx, delivery, function); err != nil {
				return err
			}
		}
		deliveries = append(deliveries, delivery)
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
	return d.account(deliveries, found)
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

// account looks for every event at every function that got it. The last line
// has the totals.
func (d Demo) account(deliveries []delivery, found *found) error {
	var events, delivered, written, rejected, lost int
	for _, delivery := range deliveries {
		events += len(delivery.events)
		for _, function := range delivery.functions(d.Subscriptions, d.Meta) {
			for _, e := range delivery.events {
				delivered++
				missing, isRejected := d.look(function, e, found)
				switch {
				case len(missing) > 0:
					lost++
					fmt.Fprintf(d.Out, "\nLOST: event %s of %s at %s is not in %s\n", e.id, delivery.file, function, strings.Join(missing, ", "))
				case isRejected:
					rejected++
				default:
					written++
				}
			}
		}
	}
	fmt.Fprintf(d.Out, "\nevents %d, delivered to functions %d times: %d written, %d kept in %s, %d lost\n",
		events, delivered, written, rejected, d.Expectations.Rejected, lost)
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
	subscribes := slices.ContainsFunc(d.Subscriptions, func(s eventgrid.Subscription) bool {
		return s.Function == function && s.Takes(e.kind)
	})
	switch {
	case rejected && !written:
		return nil, true
	case !subscribes:
		return []string{"container " + d.Expectations.Rejected}, false
	default:
		return found.take(d.Expectations.Functions[function], e), false
	}
}
