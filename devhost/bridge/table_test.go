package bridge

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/storage"
)

func TestRows(t *testing.T) {
	for name, test := range map[string]struct {
		item, partitionKey, rowKey string
		want                       string
	}{
		"keys of the row":           {`{"PartitionKey":"p","RowKey":"r","a":1}`, "x", "y", `p/r "" [a]`},
		"keys in another case":      {`{"partitionkey":"p","ROWKEY":"r"}`, "", "", `p/r "" []`},
		"keys of function.json":     {`{"a":1}`, "p", "r", `p/r "" [a]`},
		"the ETag that upserts":     {`{"PartitionKey":"p","RowKey":"r","etag":"*"}`, "", "", `p/r "*" []`},
		"the ETag of a certain row": {`{"PartitionKey":"p","RowKey":"r","ETag":"W/1"}`, "", "", `p/r "W/1" []`},
		"a key that is a number":    {`{"PartitionKey":1,"RowKey":"r"}`, "", "", "error: PartitionKey must be a string"},
		"empty keys":                {`{"PartitionKey":"","RowKey":""}`, "", "", `/ "" []`},
		"a null key":                {`{"PartitionKey":null,"RowKey":"r"}`, "p", "", `p/r "" []`},
		"a forbidden character":     {`{"PartitionKey":"p","RowKey":"a/b"}`, "", "", `error: invalid: RowKey with the character '/': none of / \ # ? and no control characters`},
		"not an object":             {`[]`, "", "", "error: a row must be a JSON object"},
		"no row key":                {`{"PartitionKey":"p"}`, "", "", "error: a row needs a PartitionKey and a RowKey"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := newChange([]byte(test.item), test.partitionKey, test.rowKey)
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

func TestTransactions(t *testing.T) {
	row := func(partition, key string) storage.Change {
		return storage.Change{Row: storage.Row{PartitionKey: partition, RowKey: key}}
	}
	var many, partitions []storage.Change
	for i := range 1001 {
		if i < 250 {
			many = append(many, row("p", fmt.Sprint(i)))
		}
		partitions = append(partitions, row(fmt.Sprint(i), "r"))
	}
	for name, test := range map[string]struct {
		changes         []storage.Change
		added, finished []string
	}{
		"nothing":                {nil, nil, nil},
		"one for each partition": {[]storage.Change{row("p", "1"), row("q", "1"), row("p", "2")}, nil, []string{"p:2", "q:1"}},
		"a hundred rows each":    {many, []string{"p:100", "p:100"}, []string{"p:50"}},
		"a repeated row":         {[]storage.Change{row("p", "1"), row("p", "2"), row("p", "1"), row("q", "1")}, []string{"p:2"}, []string{"p:1", "q:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			added, finished, err := transactions(t, test.changes, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.added, added); diff != "" {
				t.Errorf("while rows are added: %s", diff)
			}
			if diff := cmp.Diff(test.finished, finished); diff != "" {
				t.Errorf("at the end: %s", diff)
			}
		})
	}
	added, finished, err := transactions(t, partitions, nil)
	if err != nil || len(added) != 1000 || len(finished) != 1 {
		t.Errorf("1001 partitions: %d written early, %d at the end, %v", len(added), len(finished), err)
	}
	failed := errors.New("failed")
	if added, _, err := transactions(t, many, failed); !errors.Is(err, failed) || len(added) != 1 {
		t.Errorf("%v after %d transactions", err, len(added))
	}
}

// transactions adds changes and flushes, and returns what was written meanwhile
// and at the end.
func transactions(t *testing.T, changes []storage.Change, result error) (added, finished []string, err error) {
	t.Helper()
	var written []string
	r := rows{write: func(_ context.Context, changes []storage.Change) error {
		written = append(written, fmt.Sprintf("%s:%d", changes[0].Row.PartitionKey, len(changes)))
		return result
	}}
	for _, c := range changes {
		if err := r.add(t.Context(), c); err != nil {
			return written, nil, err
		}
	}
	added, written = written, nil
	err = r.flush(t.Context())
	return added, written, err
}
