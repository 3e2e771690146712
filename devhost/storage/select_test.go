package storage

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSelection(t *testing.T) {
	at := func(second int) time.Time { return time.Unix(int64(second), 0) }
	before := Contents{
		Queues:     []Queue{{"in", []Message{{ID: "1", Inserted: at(1)}, {ID: "2", Inserted: at(2)}}}},
		Tables:     []Table{{"Rows", []Row{{PartitionKey: "p", RowKey: "a", Timestamp: at(9)}, {PartitionKey: "p", RowKey: "b", Timestamp: at(3)}}}},
		Containers: []Container{{"blobs", []Blob{{Name: "x", Modified: at(1)}}}},
	}
	after := Contents{
		Queues:     []Queue{{"in", []Message{{ID: "2", Inserted: at(2)}, {ID: "3", Inserted: at(4)}}}},
		Tables:     []Table{{"Rows", []Row{{PartitionKey: "p", RowKey: "a", Timestamp: at(9)}, {PartitionKey: "p", RowKey: "b", Timestamp: at(10)}}}},
		Containers: before.Containers,
	}
	want := Contents{
		Queues: []Queue{{"in", []Message{{ID: "3", Inserted: at(4)}}}},
		Tables: []Table{{"Rows", []Row{{PartitionKey: "p", RowKey: "b", Timestamp: at(10)}}}},
	}
	if diff := cmp.Diff(want, after.Since(before)); diff != "" {
		t.Errorf("since: %s", diff)
	}
	want = Contents{
		Queues:     []Queue{{"in", []Message{{ID: "2", Inserted: at(2)}}}},
		Tables:     []Table{{"Rows", []Row{{PartitionKey: "p", RowKey: "a", Timestamp: at(9)}}}},
		Containers: before.Containers,
	}
	if diff := cmp.Diff(want, before.Last(1)); diff != "" {
		t.Errorf("last: %s", diff)
	}
	some, unknown := before.Named([]string{"ROWS", "none", "In"})
	if diff := cmp.Diff(Contents{Queues: before.Queues, Tables: before.Tables}, some); diff != "" {
		t.Errorf("named: %s", diff)
	}
	if diff := cmp.Diff([]string{"none"}, unknown); diff != "" {
		t.Errorf("unknown: %s", diff)
	}
}
