package simulator

import (
	"encoding/json/v2"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"whatsapp-functions/devhost/storage"
)

// Limits of what is shown of storage.
const (
	maxItems  = 100
	countUpTo = 1000
	blobLimit = 256 << 10
)

// store is a queue, table or container.
type store struct {
	Kind storage.Kind `json:"kind"`
	Name string       `json:"name"`
	// Count is the number of items; at countUpTo there may be more.
	Count int `json:"count"`
}

// kinds are in the order of the page.
var kinds = []storage.Kind{storage.Queues, storage.Tables, storage.Containers}

// stores lists all queues, tables and containers.
func (s *Simulator) stores(r *http.Request) (any, error) {
	all := []store{}
	for _, kind := range kinds {
		names, err := s.Storage.Names(r.Context(), kind)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if kind == storage.Containers && strings.HasPrefix(name, "azure-webjobs-") {
				continue // the Functions host uses it
			}
			n, err := s.Storage.Count(r.Context(), kind, name, countUpTo)
			if err != nil {
				return nil, err
			}
			all = append(all, store{kind, name, n})
		}
	}
	return all, nil
}

// contents are the items of a store, in the field for its kind.
type contents struct {
	store
	Newest   bool               `json:"newest"`
	More     bool               `json:"more"`
	Messages []message          `json:"messages,omitzero"`
	Columns  []string           `json:"columns,omitzero"`
	Rows     []row              `json:"rows,omitzero"`
	Blobs    []storage.BlobInfo `json:"blobs,omitzero"`
}

type message struct {
	ID       string    `json:"id"`
	Inserted time.Time `json:"inserted"`
	Size     int       `json:"size"`
	storage.Text
}

type row struct {
	Partition string    `json:"partition"`
	Key       string    `json:"key"`
	Timestamp time.Time `json:"timestamp"`
	// Cells are the values by column.
	Cells map[string]cell `json:"cells"`
}

// cell is a value as text, with its type.
type cell struct {
	Type  storage.Type `json:"type"`
	Value string       `json:"value"`
}

// contents returns some of the items of a store.
func (s *Simulator) contents(r *http.Request) (any, error) {
	ctx, kind, name := r.Context(), storage.Kind(r.PathValue("kind")), r.PathValue("name")
	if !slices.Contains(kinds, kind) {
		return nil, notFound("the kind is %q: use queue, table or container", kind)
	}
	names, err := s.Storage.Names(ctx, kind)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(names, name) {
		return nil, notFound("the %s %s does not exist", kind, name)
	}
	c := contents{store: store{Kind: kind, Name: name}}
	switch kind {
	case storage.Queues:
		var part storage.Part[storage.Message]
		part, err = s.Storage.PeekMessages(ctx, name, maxItems)
		c.Newest, c.More, c.Count = part.Newest, part.More, part.Count
		for _, m := range part.Items {
			c.Messages = append(c.Messages, message{m.ID, m.Inserted, len(m.Body), storage.NewText(m.Body)})
		}
	case storage.Tables:
		var part storage.Part[storage.Row]
		part, err = s.Storage.PeekRows(ctx, name, maxItems)
		c.Newest, c.More, c.Count = part.Newest, part.More, part.Count
		c.addRows(part.Items)
	case storage.Containers:
		var part storage.Part[storage.BlobInfo]
		part, err = s.Storage.PeekBlobs(ctx, name, maxItems)
		c.Newest, c.More, c.Count, c.Blobs = part.Newest, part.More, part.Count, part.Items
	}
	if err == nil && c.Count == 0 {
		c.Count, err = s.Storage.Count(ctx, kind, name, countUpTo)
	}
	return c, err
}

// addRows adds rows, and their columns in the order of the first use.
func (c *contents) addRows(rows []storage.Row) {
	for _, r := range rows {
		shown := row{Partition: r.PartitionKey, Key: r.RowKey, Timestamp: r.Timestamp, Cells: map[string]cell{}}
		for _, column := range r.Columns {
			if !slices.Contains(c.Columns, column.Name) {
				c.Columns = append(c.Columns, column.Name)
			}
			shown.Cells[column.Name] = cell{column.Type, asText(column.Value)}
		}
		c.Rows = append(c.Rows, shown)
	}
}

func asText(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	text, _ := json.Marshal(value)
	return string(text)
}

// blob returns the start of a blob.
func (s *Simulator) blob(r *http.Request) (any, error) {
	container, name := r.URL.Query().Get("container"), r.URL.Query().Get("name")
	content, err := s.Storage.Blob(r.Context(), container, name, blobLimit+utf8.UTFMax)
	if errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrInvalid) {
		return nil, problem{err, http.StatusNotFound}
	}
	if err != nil {
		return nil, err
	}
	isCut := len(content) > blobLimit
	if isCut {
		content = content[:blobLimit]
		for range utf8.UTFMax - 1 { // don't cut a character
			if utf8.Valid(content) {
				break
			}
			content = content[:len(content)-1]
		}
	}
	return struct {
		storage.Text
		Cut bool `json:"cut"`
	}{storage.NewText(content), isCut}, nil
}

// clearStorage removes all items, if the account is on this machine.
func (s *Simulator) clearStorage(r *http.Request, _ empty) (any, error) {
	err := s.Storage.Clear(r.Context())
	s.History.Notify()
	if errors.Is(err, storage.ErrNotLocal) {
		return nil, conflict(err)
	}
	return nil, err
}

// removeMessage deletes a message of a queue, if the account is on this machine.
func (s *Simulator) removeMessage(r *http.Request) (any, error) {
	err := s.Storage.RemoveMessage(r.Context(), r.PathValue("name"), r.PathValue("id"))
	s.History.Notify()
	switch {
	case errors.Is(err, storage.ErrNotLocal):
		return nil, conflict(err)
	case errors.Is(err, storage.ErrMessageNotFound):
		return nil, notFound("the message is not in the queue: it was deleted, or a consumer has received it")
	}
	return nil, err
}
