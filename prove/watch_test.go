package prove_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"whatsapp-functions/devhost/storage"
)

// watch checks after each write that the current status of a message, which is
// the first row of its partition, is the highest so far, and the newest one of
// several failures.
type watch struct {
	mu         sync.Mutex
	rows       map[string][]storage.Row // by partition, in the order of the writes
	violations []string
}

func (w *watch) written(table string, changes []storage.Change) {
	if table != "MessageStatus" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.rows == nil {
		w.rows = map[string][]storage.Row{}
	}
	for _, change := range changes {
		partition := change.Row.PartitionKey
		w.rows[partition] = append(w.rows[partition], change.Row)
		first := slices.MinFunc(w.rows[partition], func(a, b storage.Row) int { return strings.Compare(a.RowKey, b.RowKey) })
		for _, row := range w.rows[partition] {
			if later(row, first) {
				w.violations = append(w.violations, fmt.Sprintf("the current status of %s is %s, although %s was written", partition, first.RowKey, row.RowKey))
			}
		}
	}
}

// later reports whether the status in a has to come before the one in b.
func later(a, b storage.Row) bool {
	rankA, _ := a.Column("Rank").(int64)
	rankB, _ := b.Column("Rank").(int64)
	if rankA != rankB {
		return rankA > rankB
	}
	atA, _ := a.Column("OccurredAt").(string)
	atB, _ := b.Column("OccurredAt").(string)
	return a.Column("Status") == "failed" && b.Column("Status") == "failed" && atA > atB
}
