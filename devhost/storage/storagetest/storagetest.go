// Package storagetest tests every implementation of storage.Storage in the same
// way.
package storagetest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/internal/testkit"
)

// byName orders columns: the service returns them in any order.
func byName(a, b storage.Column) bool { return a.Name < b.Name }

// Run tests an account that is empty.
func Run(t *testing.T, s storage.Storage) {
	t.Helper()
	for name, test := range map[string]func(t *testing.T, s storage.Storage){
		"queue": queue, "table": table, "blobs": blobs, "refused": refusals, "peek": peek, "not found": nothingThere,
		"consume": consume, "copies": copies, "removal": removal,
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
	t.Run("clear", func(t *testing.T) { clear(t, s) })
}

func queue(t *testing.T, s storage.Storage) {
	texts := []string{`{"n":1}`, "plain", "é", "\xff\x00"}
	for _, text := range texts {
		testkit.Must(t, s.Enqueue(t.Context(), "my-queue", []byte(text)))
	}
	messages, err := s.Messages(t.Context(), "my-queue")
	testkit.Must(t, err)
	var got []string
	for i, message := range messages {
		got = append(got, string(message.Body))
		if i > 0 && messages[i-1].Inserted.After(message.Inserted) {
			t.Errorf("message %d is older than the one before it", i)
		}
	}
	if diff := cmp.Diff(texts, got); diff != "" {
		t.Error(diff)
	}
	queues, err := s.Names(t.Context(), storage.Queues)
	testkit.Must(t, err)
	if !slices.Contains(queues, "my-queue") {
		t.Errorf("the queues are %q", queues)
	}
}

func table(t *testing.T, s storage.Storage) {
	const otherTag = `W/"datetime'2020-01-01T00%3A00%3A00.0000000Z'"`
	row := func(partition, key string, columns ...storage.Column) storage.Row {
		return storage.Row{PartitionKey: partition, RowKey: key, Columns: columns}
	}
	text := func(name, value string) storage.Column {
		return storage.Column{Name: name, Type: storage.String, Value: value}
	}
	long := strings.Repeat("é", 256)
	all := row("p|1", "r", text("Text", "a\n\"é\""),
		storage.Column{Name: "Big", Type: storage.Int64, Value: int64(9007199254740993)},
		storage.Column{Name: "Half", Type: storage.Double, Value: 0.5},
		storage.Column{Name: "Whole", Type: storage.Double, Value: 5.0},
		storage.Column{Name: "Yes", Type: storage.Boolean, Value: true})
	change := func(row storage.Row, condition string) []storage.Change {
		return []storage.Change{{Row: row, If: condition}}
	}

	testkit.Must(t, s.Write(t.Context(), "T01", change(all, storage.Absent)))
	testkit.Must(t, s.Write(t.Context(), "T01", change(row("P", "b"), storage.Always)))
	testkit.Must(t, s.Write(t.Context(), "T01", change(row("P", "a", text("Old", "x")), storage.Always)))
	testkit.Must(t, s.Write(t.Context(), "T01", change(row("P", "a", text("New", "y")), storage.Always)))
	testkit.Must(t, s.Write(t.Context(), "T01", change(row(long, long), storage.Always)))
	testkit.Must(t, s.Write(t.Context(), "T01", change(row("", ""), storage.Absent)))

	rows, err := s.Rows(t.Context(), "T01")
	testkit.Must(t, err)
	want := []storage.Row{row("", ""), row("P", "a", text("New", "y")), row("P", "b"), all, row(long, long)}
	if diff := cmp.Diff(want, rows, cmpopts.IgnoreFields(storage.Row{}, "Timestamp", "ETag"), cmpopts.SortSlices(byName)); diff != "" {
		t.Error(diff)
	}

	if err := s.Write(t.Context(), "T01", change(row("P", "a"), storage.Absent)); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("insert of a row that is there: %v", err)
	}
	if err := s.Write(t.Context(), "T01", change(row("P", "c"), otherTag)); !errors.Is(err, storage.ErrCondition) {
		t.Errorf("replacement of a row that is not there: %v", err)
	}
	if err := s.Write(t.Context(), "T01", change(row("P", "a"), otherTag)); !errors.Is(err, storage.ErrCondition) {
		t.Errorf("replacement of another row: %v", err)
	}
	testkit.Must(t, s.Write(t.Context(), "T01", change(row("P", "a", text("Newer", "z")), rows[1].ETag)))

	// One row that can't be written keeps all of them back.
	both := append(change(row("P", "d"), storage.Always), change(row("P", "a"), storage.Absent)...)
	if err := s.Write(t.Context(), "T01", both); !errors.Is(err, storage.ErrConflict) {
		t.Error(err)
	}
	rows, err = s.Rows(t.Context(), "T01")
	testkit.Must(t, err)
	if len(rows) != 5 || rows[1].Column("Newer") != "z" || rows[1].Column("New") != nil {
		t.Errorf("%+v", rows)
	}
}

func blobs(t *testing.T, s storage.Storage) {
	for name, text := range map[string]string{
		"a.json": "1", "b/2026-11-20/c d.json": "2", "é/%2e": "4", ".hidden": "5", "a.json~": "6", "d//e": "7", "empty": "",
	} {
		testkit.Must(t, s.PutBlob(t.Context(), "my-blobs", name, []byte("old")))
		testkit.Must(t, s.PutBlob(t.Context(), "my-blobs", name, []byte(text)))
	}
	found, err := s.Blobs(t.Context(), "my-blobs")
	testkit.Must(t, err)
	got := map[string]string{}
	for _, blob := range found {
		got[blob.Name] = string(blob.Content)
	}
	want := map[string]string{"a.json": "1", "b/2026-11-20/c d.json": "2", "é/%2e": "4", ".hidden": "5", "a.json~": "6", "d//e": "7", "empty": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func refusals(t *testing.T, s storage.Storage) {
	change := func(row storage.Row) []storage.Change { return []storage.Change{{Row: row}} }
	column := func(text string) storage.Row {
		return storage.Row{PartitionKey: "p", RowKey: "r", Columns: []storage.Column{{Name: "C", Value: text}}}
	}
	var wide storage.Row
	wide.PartitionKey, wide.RowKey = "p", "r"
	for range 17 {
		wide.Columns = append(wide.Columns, storage.Column{Name: "C", Value: strings.Repeat("x", 32<<10)})
	}
	var heavy []storage.Change
	for i := range 70 {
		heavy = append(heavy, storage.Change{Row: storage.Row{PartitionKey: "p", RowKey: strings.Repeat("r", i+1), Columns: []storage.Column{{Name: "C", Value: strings.Repeat("é", 32<<10)}}}})
	}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"too much at once":      {s.Write(t.Context(), "T02", heavy), "invalid: a transaction of 4592735 bytes: at most 4194304"},
		"a queue's name":        {s.Enqueue(t.Context(), "My_Queue", nil), `invalid: queue name "My_Queue": 3 to 63 of a-z, 0-9 and single hyphens`},
		"a message too large":   {s.Enqueue(t.Context(), "other-queue", make([]byte, 48<<10+1)), "invalid: a message for queue other-queue of 65540 bytes as it is stored: at most 65536"},
		"a container's name":    {s.PutBlob(t.Context(), "..", "b", nil), `invalid: container name "..": 3 to 63 of a-z, 0-9 and single hyphens`},
		"a blob without name":   {s.PutBlob(t.Context(), "my-blobs", "", nil), "invalid: blob name of 0 characters: 1 to 1024"},
		"a table's name":        {s.Write(t.Context(), "my-table", nil), `invalid: table name "my-table": 3 to 63 letters and digits, a letter first`},
		"a slash in a key":      {s.Write(t.Context(), "T02", change(storage.Row{PartitionKey: "a/b", RowKey: "r"})), `invalid: PartitionKey with the character '/': none of / \ # ? and no control characters`},
		"a key too long":        {s.Write(t.Context(), "T02", change(storage.Row{PartitionKey: "p", RowKey: strings.Repeat("x", 513)})), "invalid: RowKey of 513 characters: at most 512"},
		"a column too long":     {s.Write(t.Context(), "T02", change(column(strings.Repeat("👍", 16<<10)+"x"))), "invalid: column C of 32769 characters: at most 32768"},
		"a row too large":       {s.Write(t.Context(), "T02", change(wide)), "invalid: a row of 1114358 bytes: at most 1048576"},
		"too many rows at once": {s.Write(t.Context(), "T02", make([]storage.Change, 101)), "invalid: 101 rows in one transaction: at most 100"},
	} {
		if !errors.Is(test.err, storage.ErrInvalid) || test.err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", name, test.err, test.want)
		}
	}
	testkit.Must(t, s.Enqueue(t.Context(), "other-queue", make([]byte, 48<<10)))
	testkit.Must(t, s.Write(t.Context(), "T02", change(column(strings.Repeat("👍", 16<<10)))))
}

func nothingThere(t *testing.T, s storage.Storage) {
	messages, err := s.Messages(t.Context(), "no-queue")
	rows, err2 := s.Rows(t.Context(), "NoTable")
	blobs, err3 := s.Blobs(t.Context(), "no-container")
	if err := errors.Join(err, err2, err3); err != nil || len(messages)+len(rows)+len(blobs) > 0 {
		t.Error(messages, rows, blobs, err)
	}
}

func clear(t *testing.T, s storage.Storage) {
	testkit.Must(t, s.Clear(t.Context()))
	messages, err := s.Messages(t.Context(), "my-queue")
	testkit.Must(t, err)
	rows, err := s.Rows(t.Context(), "T01")
	testkit.Must(t, err)
	blobs, err := s.Blobs(t.Context(), "my-blobs")
	testkit.Must(t, err)
	if n := len(messages) + len(rows) + len(blobs); n > 0 {
		t.Errorf("%d things are left", n)
	}
	testkit.Must(t, s.Enqueue(t.Context(), "my-queue", nil))
}
