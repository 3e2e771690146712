package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/storage"
)

func TestChange(t *testing.T) {
	for name, test := range map[string]struct {
		item, partitionKey, rowKey string
		want                       string
	}{
		"keys of the row":        {`{"PartitionKey":"p","RowKey":"r","a":1}`, "x", "y", `p/r "" [a]`},
		"keys in another case":   {`{"partitionkey":"p","ROWKEY":"r"}`, "", "", `p/r "" []`},
		"keys of function.json":  {`{"a":1}`, "p", "r", `p/r "" [a]`},
		"the tag that upserts":   {`{"PartitionKey":"p","RowKey":"r","etag":"*"}`, "", "", `p/r "*" []`},
		"a tag of a certain row": {`{"PartitionKey":"p","RowKey":"r","ETag":"W/1"}`, "", "", `p/r "W/1" []`},
		"a key that is a number": {`{"PartitionKey":1,"RowKey":"r"}`, "", "", "error: PartitionKey must be text"},
		"no row key":             {`{"PartitionKey":"p"}`, "", "", "error: a row needs a PartitionKey and a RowKey"},
	} {
		t.Run(name, func(t *testing.T) {
			columns, err := entity([]byte(test.item))
			if err != nil {
				t.Fatal(err)
			}
			c, err := change(columns, test.partitionKey, test.rowKey)
			names := []string{}
			for _, column := range c.Row.Columns {
				names = append(names, column.Name)
			}
			got := fmt.Sprintf("%s/%s %q %v", c.Row.PartitionKey, c.Row.RowKey, c.If, names)
			if err != nil {
				got = "error: " + err.Error()
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// recorder records transactions.
type recorder struct {
	storage.Storage
	transactions []string
	err          error
}

func (r *recorder) Write(_ context.Context, _ string, changes []storage.Change) error {
	r.transactions = append(r.transactions, fmt.Sprintf("%s:%d", changes[0].Row.PartitionKey, len(changes)))
	return r.err
}

func TestTransactions(t *testing.T) {
	row := func(partition, key string) storage.Change {
		return storage.Change{Row: storage.Row{PartitionKey: partition, RowKey: key}}
	}
	var many []storage.Change
	for i := range 250 {
		many = append(many, row("p", fmt.Sprint(i)))
	}
	for name, test := range map[string]struct {
		changes []storage.Change
		want    []string
	}{
		"nothing":                {nil, nil},
		"one for each partition": {[]storage.Change{row("p", "1"), row("q", "1"), row("p", "2")}, []string{"p:2", "q:1"}},
		"a hundred rows each":    {many, []string{"p:100", "p:100", "p:50"}},
		"a row that comes again": {[]storage.Change{row("p", "1"), row("p", "2"), row("p", "1"), row("q", "1")}, []string{"p:2", "p:1", "q:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{}
			if err := writeRows(t.Context(), r, "T", test.changes); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, r.transactions); diff != "" {
				t.Error(diff)
			}
		})
	}
	failed := errors.New("failed")
	r := &recorder{err: failed}
	if err := writeRows(t.Context(), r, "T", slices.Clone(many)); !errors.Is(err, failed) || len(r.transactions) != 1 {
		t.Errorf("%v after %d transactions", err, len(r.transactions))
	}
}
