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

// Demo is what is to be shown.
type Demo struct {
	// Files hold the events: each file is one delivery.
	Files []string
	// Subscriptions are the app's.
	Subscriptions []eventgrid.Subscription
	// Webhook is where a function is delivered to.
	Webhook func(function string) string
	// Storage is what the app writes to.
	Storage storage.Storage
	// Out is where it is shown.
	Out io.Writer
}

// ErrLost says that something published was not found again.
var ErrLost = errors.New("not every event is accounted for")

// receiver is the function that takes messages; the other takes statuses.
const receiver = "AdvancedMessageTrigger"

// total is what came of all events at all functions that they were delivered
// to.
type total struct {
	events, deliveries, written, rejected, lost int
}

// Run publishes the files' events, reads storage back, prints one item of
// everything that is there, and accounts for every event. The last line sums
// up. The error is [ErrLost] or what kept it from publishing.
func (d Demo) Run(ctx context.Context) error {
	fmt.Fprintf(d.Out, "Each file is delivered, as a whole, to every function that subscribes to one of\n"+
		"its events. What a function has no use for it must keep in %s.\n\n", rejectedEvents)
	var deliveries []delivery
	for _, file := range d.Files {
		delivery, err := readDelivery(file)
		if err != nil {
			return err
		}
		functions := delivery.functions(d.Subscriptions)
		if len(functions) == 0 {
			fmt.Fprintf(d.Out, "%s: no function subscribes to any of its events: Event Grid would drop them\n", file)
			continue
		}
		for _, function := range functions {
			if err := d.publish(ctx, delivery, function); err != nil {
				return err
			}
		}
		deliveries = append(deliveries, delivery)
	}
	if err := d.show(ctx); err != nil {
		return err
	}
	ledger, err := readLedger(ctx, d.Storage)
	if err != nil {
		return err
	}
	for _, name := range ledger.empty {
		fmt.Fprintf(d.Out, "\nskipped %s/%s: it has 0 bytes, because its invocation failed\n", rejectedEvents, name)
	}
	sum := d.account(deliveries, ledger)
	fmt.Fprintf(d.Out, "\nevents %d, delivered to functions %d times: %d written, %d kept in %s, %d lost\n",
		sum.events, sum.deliveries, sum.written, sum.rejected, rejectedEvents, sum.lost)
	if sum.lost > 0 {
		return ErrLost
	}
	return nil
}

// publish delivers to a function as Event Grid would.
func (d Demo) publish(ctx context.Context, delivery delivery, function string) error {
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

func (d Demo) account(deliveries []delivery, found *ledger) total {
	var sum total
	for _, delivery := range deliveries {
		sum.events += len(delivery.events)
		for _, function := range delivery.functions(d.Subscriptions) {
			for _, e := range delivery.events {
				sum.deliveries++
				missing, rejected := d.look(function, e, found)
				switch {
				case len(missing) > 0:
					sum.lost++
					fmt.Fprintf(d.Out, "\nLOST: event %s of %s at %s is not in %s\n", e.id, delivery.file, function, strings.Join(missing, ", "))
				case rejected:
					sum.rejected++
				default:
					sum.written++
				}
			}
		}
	}
	return sum
}

// look looks for an event that was delivered to a function. One that was
// rejected lacks nothing, unless it says that it was written all the same.
func (d Demo) look(function string, e event, found *ledger) (missing []string, rejected bool) {
	written, rejected := found.takeRejected(function, e)
	switch {
	case rejected && !written:
		return nil, true
	case !d.subscribes(function, e):
		return []string{"container " + rejectedEvents}, false
	case function == receiver:
		return found.takeMessage(e), false
	default:
		return found.takeStatus(e), false
	}
}

// subscribes reports whether the function subscribes to the event's type.
func (d Demo) subscribes(function string, e event) bool {
	return slices.ContainsFunc(d.Subscriptions, func(s eventgrid.Subscription) bool {
		return s.Function == function && s.Takes(e.kind)
	})
}
