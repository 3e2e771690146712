package demo

import (
	"context"
	"fmt"
	"strings"

	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/storage"
)

// The places that this app writes to.
const (
	inboundMessages = "inbound-messages"
	messages        = "Messages"
	messageStatus   = "MessageStatus"
	failedMessages  = "failed-messages"
	rejectedEvents  = "rejected-events"
)

// ledger is what was found where, and how often. Queue messages and rejected
// events are taken out one by one; a row stays, for all events that wrote it.
type ledger struct {
	queues   map[string]int
	rows     map[string]bool
	rejected map[string][]bool // whether each was written all the same
	empty    []string          // blobs of invocations whose other outputs failed
}

// readLedger looks through all of storage.
func readLedger(ctx context.Context, store storage.Storage) (*ledger, error) {
	l := &ledger{queues: map[string]int{}, rows: map[string]bool{}, rejected: map[string][]bool{}}
	for _, read := range []func(context.Context, storage.Storage) error{l.readQueues, l.readTables, l.readRejected} {
		if err := read(ctx, store); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *ledger) readQueues(ctx context.Context, store storage.Storage) error {
	for _, queue := range []string{inboundMessages, failedMessages} {
		items, err := store.Messages(ctx, queue)
		if err != nil {
			return err
		}
		for _, item := range items {
			message, err := dotnet.Read(item.Body, dotnet.Options{})
			if err != nil {
				return fmt.Errorf("queue %s: %w", queue, err)
			}
			data, _ := message.Get("data")
			l.queues[place(queue, member(data, "messageId"), member(data, "eventId"), member(data, "status"))]++
		}
	}
	return nil
}

func (l *ledger) readTables(ctx context.Context, store storage.Storage) error {
	for _, table := range []string{messages, messageStatus} {
		rows, err := store.Rows(ctx, table)
		if err != nil {
			return err
		}
		for _, row := range rows {
			text := func(column string) string {
				text, _ := row.Column(column).(string)
				return text
			}
			messageID := text("MessageId")
			if table == messageStatus {
				messageID = row.PartitionKey
			}
			l.rows[place(table, messageID, text("EventId"), text("Status"))] = true
		}
	}
	return nil
}

func (l *ledger) readRejected(ctx context.Context, store storage.Storage) error {
	blobs, err := store.Blobs(ctx, rejectedEvents)
	if err != nil {
		return err
	}
	for _, blob := range blobs {
		if len(blob.Content) == 0 {
			l.empty = append(l.empty, blob.Name)
			continue
		}
		document, err := dotnet.Read(blob.Content, dotnet.Options{})
		if err != nil {
			return fmt.Errorf("blob %s: %w", blob.Name, err)
		}
		entries, _ := document.Get("events")
		for _, entry := range entries.Items {
			event, _ := entry.Get("event")
			written, _ := entry.Get("written")
			key := member(document, "function") + " " + event.Compact()
			l.rejected[key] = append(l.rejected[key], written.Bool)
		}
	}
	return nil
}

func member(value dotnet.Value, name string) string {
	m, _ := value.Get(name)
	return m.String()
}

// place is where something about a message is found.
func place(name, messageID, eventID, status string) string {
	if messageID == "" {
		messageID = eventID
	}
	return strings.ToLower(name + " " + messageID + " " + status)
}

// takeRejected takes one entry of an event that a function rejected, if there
// is one, and says whether it was written all the same.
func (l *ledger) takeRejected(function string, e event) (written, ok bool) {
	key := function + " " + e.value.Compact()
	entries := l.rejected[key]
	if len(entries) == 0 {
		return false, false
	}
	l.rejected[key] = entries[1:]
	return entries[0], true
}

// takeMessage takes what an event must have written that brings a message. It
// returns the places where it is not.
func (l *ledger) takeMessage(e event) (missing []string) {
	return l.take(e.message(), "", []string{inboundMessages}, messages)
}

// takeStatus takes what an event must have written that brings a status.
func (l *ledger) takeStatus(e event) (missing []string) {
	var queues []string
	if e.status == "failed" {
		queues = []string{failedMessages}
	}
	return l.take(e.message(), e.status, queues, messageStatus)
}

func (l *ledger) take(message, status string, queues []string, table string) (missing []string) {
	for _, queue := range queues {
		key := place(queue, message, "", status)
		if l.queues[key] == 0 {
			missing = append(missing, "queue "+queue)
			continue
		}
		l.queues[key]--
	}
	if !l.rows[place(table, message, "", status)] {
		missing = append(missing, "table "+table)
	}
	return missing
}
