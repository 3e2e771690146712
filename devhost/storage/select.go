package storage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Named returns the queues, tables and containers with these names, and the names
// that were not found. Names match in any case.
func (c Contents) Named(names []string) (some Contents, unknown []string) {
	for _, name := range names {
		is := func(other string) bool { return strings.EqualFold(name, other) }
		found := Contents{
			Queues:     filter(c.Queues, func(q Queue) bool { return is(q.Name) }),
			Tables:     filter(c.Tables, func(t Table) bool { return is(t.Name) }),
			Containers: filter(c.Containers, func(o Container) bool { return is(o.Name) }),
		}
		if len(found.Queues)+len(found.Tables)+len(found.Containers) == 0 {
			unknown = append(unknown, name)
		}
		some.Queues = append(some.Queues, found.Queues...)
		some.Tables = append(some.Tables, found.Tables...)
		some.Containers = append(some.Containers, found.Containers...)
	}
	return some, unknown
}

// Last returns up to number items of each queue, table and container: those that
// were written last, in the order of writing.
func (c Contents) Last(number int) (last Contents) {
	for _, q := range c.Queues {
		last.Queues = append(last.Queues, Queue{q.Name, newest(q.Messages, number, func(m Message) time.Time { return m.Inserted })})
	}
	for _, t := range c.Tables {
		last.Tables = append(last.Tables, Table{t.Name, newest(t.Rows, number, func(r Row) time.Time { return r.Timestamp })})
	}
	for _, o := range c.Containers {
		last.Containers = append(last.Containers, Container{o.Name, newest(o.Blobs, number, func(b Blob) time.Time { return b.Modified })})
	}
	return last
}

// Since returns the items that are not in an earlier reading. A row or blob that
// was written again counts as new.
func (c Contents) Since(before Contents) (added Contents) {
	known := map[string]bool{}
	for _, key := range before.keys() {
		known[key] = true
	}
	isNew := func(key string) bool { return !known[key] }
	for _, q := range c.Queues {
		if fresh := filter(q.Messages, func(m Message) bool { return isNew(messageKey(q.Name, m)) }); len(fresh) > 0 {
			added.Queues = append(added.Queues, Queue{q.Name, fresh})
		}
	}
	for _, t := range c.Tables {
		if fresh := filter(t.Rows, func(r Row) bool { return isNew(rowKey(t.Name, r)) }); len(fresh) > 0 {
			added.Tables = append(added.Tables, Table{t.Name, fresh})
		}
	}
	for _, o := range c.Containers {
		if fresh := filter(o.Blobs, func(b Blob) bool { return isNew(blobKey(o.Name, b)) }); len(fresh) > 0 {
			added.Containers = append(added.Containers, Container{o.Name, fresh})
		}
	}
	return added
}

func (c Contents) keys() (keys []string) {
	for _, q := range c.Queues {
		for _, m := range q.Messages {
			keys = append(keys, messageKey(q.Name, m))
		}
	}
	for _, t := range c.Tables {
		for _, r := range t.Rows {
			keys = append(keys, rowKey(t.Name, r))
		}
	}
	for _, o := range c.Containers {
		for _, b := range o.Blobs {
			keys = append(keys, blobKey(o.Name, b))
		}
	}
	return keys
}

func messageKey(queue string, m Message) string { return fmt.Sprintf("queue %q %q", queue, m.ID) }

func rowKey(table string, r Row) string {
	return fmt.Sprintf("table %q %q %q %d", table, r.PartitionKey, r.RowKey, r.Timestamp.UnixNano())
}

func blobKey(container string, b Blob) string {
	return fmt.Sprintf("container %q %q %d", container, b.Name, b.Modified.UnixNano())
}

func filter[T any](all []T, keep func(T) bool) (kept []T) {
	for _, one := range all {
		if keep(one) {
			kept = append(kept, one)
		}
	}
	return kept
}

func newest[T any](all []T, number int, at func(T) time.Time) []T {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b T) int { return cmp.Compare(at(a).UnixNano(), at(b).UnixNano()) })
	return sorted[max(0, len(sorted)-number):]
}
