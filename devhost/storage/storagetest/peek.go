package storagetest

import (
	"errors"
	"fmt"
	"testing"

	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/internal/testkit"
)

// peek looks at some of what there is.
func peek(t *testing.T, s storage.Storage) {
	for i := range 5 {
		testkit.Must(t, s.Enqueue(t.Context(), "peeked", fmt.Appendf(nil, "message %d", i)))
		row := storage.Row{PartitionKey: "p", RowKey: fmt.Sprint(i)}
		testkit.Must(t, s.Write(t.Context(), "Peeked", []storage.Change{{Row: row, If: storage.Always}}))
		testkit.Must(t, s.PutBlob(t.Context(), "peeked", fmt.Sprintf("f/%d ?.txt", i), fmt.Appendf(nil, "blob %d", i)))
	}
	check := func(what string, got, want any) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}

	count, err := s.Count(t.Context(), storage.Queues, "peeked", 100)
	testkit.Must(t, err)
	check("messages", count, 5)
	messages, err := s.PeekMessages(t.Context(), "peeked", 3)
	testkit.Must(t, err)
	check("peeked messages", len(messages.Items), 3)
	check("more messages", messages.More, true)
	first := "message 0"
	if messages.Newest {
		first = "message 2"
	}
	check("the first message", string(messages.Items[0].Body), first)

	count, err = s.Count(t.Context(), storage.Tables, "Peeked", 100)
	testkit.Must(t, err)
	check("rows", count, 5)
	rows, err := s.PeekRows(t.Context(), "Peeked", 2)
	testkit.Must(t, err)
	check("peeked rows", len(rows.Items), 2)
	check("more rows", rows.More, true)
	first = "0"
	if rows.Newest {
		first = "3"
	}
	check("the first row", rows.Items[0].RowKey, first)
	rows, err = s.PeekRows(t.Context(), "Peeked", 5)
	testkit.Must(t, err)
	check("all rows", len(rows.Items), 5)
	check("more than all rows", rows.More, false)

	count, err = s.Count(t.Context(), storage.Containers, "peeked", 100)
	testkit.Must(t, err)
	check("blobs", count, 5)
	blobs, err := s.PeekBlobs(t.Context(), "peeked", 1)
	testkit.Must(t, err)
	check("peeked blobs", len(blobs.Items), 1)
	check("more blobs", blobs.More, true)
	check("the size", blobs.Items[0].Size, int64(6))
	content, err := s.Blob(t.Context(), "peeked", "f/4 ?.txt", 4)
	testkit.Must(t, err)
	check("the beginning", string(content), "blob")
	if _, err = s.Blob(t.Context(), "peeked", "f/5", 4); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("a blob that is not there: %v", err)
	}

	for _, kind := range []storage.Kind{storage.Queues, storage.Tables, storage.Containers} {
		count, err := s.Count(t.Context(), kind, "nowhere", 1)
		testkit.Must(t, err)
		check(string(kind)+" that does not exist", count, 0)
	}
}
