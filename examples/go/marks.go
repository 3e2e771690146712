package main

import (
	"context"
	"encoding/json/v2"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// state is what has become of an event.
type state int

const (
	// mine: this queue message has the claim on the event.
	mine state = iota
	// claimed: another queue message with the same event has the claim.
	claimed
	// done: the event was handled.
	done
)

// claimLife is after how long a claim counts as given up, because its queue
// message is gone: somebody cleared the queue, for example.
const claimLife = 24 * time.Hour

// mark is a row of the table Consumed, which has one for each event. If your
// work is done in a database, keep the marks there, and write Done in the
// transaction that does the work: then no event is ever handled twice.
//
// A mark must outlive the redeliveries of its event: Event Grid retries for 24
// hours, an operator may redeliver later. Delete old ones by their Timestamp.
type mark struct {
	PartitionKey, RowKey string
	// Owner is the id of the queue message with the claim. It comes again until
	// the event is done, so a crash never leaves a claim behind.
	Owner string
	Done  bool
	// Timestamp is set by the service.
	Timestamp time.Time `json:",omitzero"`
}

func newMark(e event, owner string) mark {
	return mark{PartitionKey: e.key()[:2], RowKey: e.key(), Owner: owner}
}

type marks struct{ table *aztables.Client }

// claim inserts the mark of an event. Of several copies of an event, one queue
// message gets the claim. It has it again after a crash or a failure.
func (m marks) claim(ctx context.Context, e event, owner string) (result state, err error) {
	err = persist(ctx, func(ctx context.Context) error {
		claim := newMark(e, owner)
		text, err := json.Marshal(claim)
		if err != nil {
			return err
		}
		if _, err = m.table.AddEntity(ctx, text, nil); !hasStatus(err, http.StatusConflict) {
			return err
		}
		existing, err := m.table.GetEntity(ctx, claim.PartitionKey, claim.RowKey, nil)
		if err != nil {
			return err
		}
		var found mark
		if err := json.Unmarshal(existing.Value, &found); err != nil {
			return err
		}
		switch {
		case found.Done:
			result = done
		case found.Owner == owner:
			result = mine
		case time.Since(found.Timestamp) < claimLife:
			result = claimed
		default:
			// If two take over at once, only one has the current ETag. The other
			// repeats this function.
			_, err = m.table.UpdateEntity(ctx, text, &aztables.UpdateEntityOptions{IfMatch: &existing.ETag, UpdateMode: aztables.UpdateModeReplace})
		}
		return err
	})
	return result, err
}

// done marks an event as handled.
func (m marks) done(ctx context.Context, e event) error {
	handled := newMark(e, "")
	handled.Done = true
	text, err := json.Marshal(handled)
	if err != nil {
		return err
	}
	return persist(ctx, func(ctx context.Context) error {
		_, err := m.table.UpsertEntity(ctx, text, nil)
		return err
	})
}

// giveUp removes the claim on an event.
func (m marks) giveUp(ctx context.Context, e event) error {
	claim := newMark(e, "")
	return persist(ctx, func(ctx context.Context) error {
		_, err := m.table.DeleteEntity(ctx, claim.PartitionKey, claim.RowKey, nil)
		return allowing(http.StatusNotFound, err)
	})
}
