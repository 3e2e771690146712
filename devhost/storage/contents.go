package storage

import (
	"context"
	"encoding/base64"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"time"
	"unicode/utf8"
)

// Contents is all that an account holds. In JSON a row is as the table service
// writes it, and what is no text is in base64.
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
func ReadContents(ctx context.Context, s Storage) (Contents, error) {
	var c Contents
	err := each(ctx, s.Queues, func(name string) error {
		messages, err := s.Messages(ctx, name)
		c.Queues = append(c.Queues, Queue{name, messages})
		return err
	})
	if err != nil {
		return c, err
	}
	err = each(ctx, s.Tables, func(name string) error {
		rows, err := s.Rows(ctx, name)
		c.Tables = append(c.Tables, Table{name, rows})
		return err
	})
	if err != nil {
		return c, err
	}
	err = each(ctx, s.Containers, func(name string) error {
		blobs, err := s.Blobs(ctx, name)
		c.Containers = append(c.Containers, Container{name, blobs})
		return err
	})
	return c, err
}

func each(ctx context.Context, list func(context.Context) ([]string, error), read func(name string) error) error {
	names, err := list(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := read(name); err != nil {
			return err
		}
	}
	return nil
}

// Text is content as it is written in JSON: as Text, or in base64 if it is no
// text.
type Text struct {
	Text   string `json:"text,omitzero"`
	Base64 string `json:"base64,omitzero"`
}

// NewText is content as Text.
func NewText(content []byte) Text {
	if utf8.Valid(content) {
		return Text{Text: string(content)}
	}
	return Text{Base64: base64.StdEncoding.EncodeToString(content)}
}

// MarshalJSON implements [json.Marshaler].
func (m Message) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		ID       string    `json:"id"`
		Inserted time.Time `json:"inserted"`
		Text
	}{m.ID, m.Inserted, NewText(m.Body)})
}

// MarshalJSON implements [json.Marshaler].
func (b Blob) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name     string    `json:"name"`
		Modified time.Time `json:"modified"`
		Text
	}{b.Name, b.Modified, NewText(b.Content)})
}

// MarshalJSON implements [json.Marshaler].
func (r Row) MarshalJSON() ([]byte, error) {
	return jsontext.Value(EncodeRow(r)), nil
}
