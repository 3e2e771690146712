package storage

import (
	"context"
	"encoding/base64"
	"encoding/json/v2"
	"errors"
	"time"
	"unicode/utf8"
)

// Contents is everything that an account holds. In JSON a row has the form
// that the table service writes, and bytes that are not text are in base64.
type Contents struct {
	Queues     []Queue     `json:"queues"`
	Tables     []Table     `json:"tables"`
	Containers []Container `json:"containers"`
}

// Queue is a queue with its messages, the oldest first.
type Queue struct {
	Name     string    `json:"name"`
	Messages []Message `json:"messages"`
}

// Table is a table with its rows in the order of their keys.
type Table struct {
	Name string `json:"name"`
	Rows []Row  `json:"rows"`
}

// Container is a container with its blobs in the order of their names.
type Container struct {
	Name  string `json:"name"`
	Blobs []Blob `json:"blobs"`
}

// ReadContents reads everything.
func ReadContents(ctx context.Context, r Reader) (Contents, error) {
	queues, err := readAll(ctx, r, Queues, r.Messages, func(name string, items []Message) Queue { return Queue{name, items} })
	tables, err2 := readAll(ctx, r, Tables, r.Rows, func(name string, items []Row) Table { return Table{name, items} })
	containers, err3 := readAll(ctx, r, Containers, r.Blobs, func(name string, items []Blob) Container { return Container{name, items} })
	return Contents{queues, tables, containers}, errors.Join(err, err2, err3)
}

// readAll reads all stores of a kind.
func readAll[Item, Store any](ctx context.Context, r Reader, kind Kind, read func(context.Context, string) ([]Item, error), store func(string, []Item) Store) ([]Store, error) {
	names, err := r.Names(ctx, kind)
	var all []Store
	for _, name := range names {
		items, failure := read(ctx, name)
		all, err = append(all, store(name, items)), errors.Join(err, failure)
	}
	return all, err
}

// Text is content as JSON holds it: a string, or base64 if it is not UTF-8.
type Text struct {
	Text   string `json:"text,omitzero"`
	Base64 string `json:"base64,omitzero"`
}

// NewText returns content as a Text.
func NewText(content []byte) Text {
	if utf8.Valid(content) {
		return Text{Text: string(content)}
	}
	return Text{Base64: base64.StdEncoding.EncodeToString(content)}
}

// MarshalJSON implements [json.Marshaler].
func (m Message) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		ID           string    `json:"id"`
		Inserted     time.Time `json:"inserted"`
		DequeueCount int       `json:"dequeueCount,omitzero"`
		Text
	}{m.ID, m.Inserted, m.DequeueCount, NewText(m.Body)})
}

// MarshalJSON implements [json.Marshaler].
func (b Blob) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name     string    `json:"name"`
		Modified time.Time `json:"modified"`
		Text
	}{b.Name, b.Modified, NewText(b.Content)})
}
