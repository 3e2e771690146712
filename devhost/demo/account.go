package demo

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"slices"

	"whatsapp-functions/devhost/storage"
)

// The places that this app writes to, and the functions that do.
const (
	receiver = "AdvancedMessageTrigger"

	inboundMessages = "inbound-messages"
	messages        = "Messages"
	messageStatus   = "MessageStatus"
	failedMessages  = "failed-messages"
	rejectedEvents  = "rejected-events"
)

// ledger is which events were found where.
type ledger map[string][]string

// readLedger looks through all of storage.
func readLedger(ctx context.Context, store storage.Storage) (ledger, error) {
	found := ledger{}
	for _, queue := range []string{inboundMessages, failedMessages} {
		items, err := store.Messages(ctx, queue)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			var message struct {
				Data struct {
					EventID string `json:"eventId"`
					Status  string `json:"status"`
				} `json:"data"`
			}
			if err := json.Unmarshal(item.Body, &message); err != nil {
				return nil, fmt.Errorf("queue %s: %w", queue, err)
			}
			found.add(queue, key(message.Data.EventID, message.Data.Status))
		}
	}
	for _, table := range []string{messages, messageStatus} {
		rows, err := store.Rows(ctx, table)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			id, _ := row.Column("EventId").(string)
			status, _ := row.Column("Status").(string)
			found.add(table, key(id, status))
		}
	}
	return found, found.rejected(ctx, store)
}

func (l ledger) rejected(ctx context.Context, store storage.Storage) error {
	blobs, err := store.Blobs(ctx, rejectedEvents)
	if err != nil {
		return err
	}
	for _, blob := range blobs {
		var document struct {
			Function string `json:"function"`
			Events   []struct {
				Event event `json:"event"`
			} `json:"events"`
		}
		if err := json.Unmarshal(blob.Content, &document); err != nil {
			return fmt.Errorf("blob %s: %w", blob.Name, err)
		}
		for _, kept := range document.Events {
			l.add(rejectedEvents+" of "+document.Function, kept.Event.key())
		}
	}
	return nil
}

func (l ledger) add(place, key string) {
	l[place] = append(l[place], key)
}

func (l ledger) has(place, key string) bool {
	return slices.Contains(l[place], key)
}

// missing are the places where an event that was delivered to a function
// should be and is not. One that the function kept as rejected lacks nothing.
func (l ledger) missing(function string, mine bool, e event) (missing []string, rejected bool) {
	if l.has(rejectedEvents+" of "+function, e.key()) {
		return nil, true
	}
	if !mine {
		return []string{rejectedEvents}, false
	}
	places := []string{inboundMessages, messages}
	if function != receiver {
		places = []string{messageStatus}
		if key(e.ID, e.Data.Status) == key(e.ID, "failed") {
			places = append(places, failedMessages)
		}
	}
	for _, place := range places {
		if !l.has(place, e.key()) {
			missing = append(missing, place)
		}
	}
	return missing, false
}
