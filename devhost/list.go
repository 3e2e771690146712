package main

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"strings"
	"time"

	"whatsapp-functions/devhost/storage"
)

// style is the form of items.
type style struct {
	message func(m storage.Message) string
	row     func(r storage.Row) string
	blob    func(b storage.Blob) string
}

// brief shows one line for each item, full shows all of it.
var (
	brief = style{
		message: func(m storage.Message) string { return moment(m.Inserted) + summary(m.Body) },
		row:     func(r storage.Row) string { return r.PartitionKey + "  " + r.RowKey },
		blob: func(b storage.Blob) string {
			return fmt.Sprintf("%s%s  %d bytes", moment(b.Modified), b.Name, len(b.Content))
		},
	}
	full = style{
		message: func(m storage.Message) string { return moment(m.Inserted) + indented(m.Body) },
		row:     func(r storage.Row) string { return strings.TrimSpace(indented(storage.EncodeRow(r))) },
		blob:    func(b storage.Blob) string { return moment(b.Modified) + b.Name + indented(b.Content) },
	}
)

// print writes the items of storage.
func (s style) print(out io.Writer, c storage.Contents) {
	for _, queue := range c.Queues {
		printItems(out, "queue "+queue.Name, "message", queue.Messages, s.message)
	}
	for _, table := range c.Tables {
		printItems(out, "table "+table.Name, "row", table.Rows, s.row)
	}
	for _, container := range c.Containers {
		printItems(out, "container "+container.Name, "blob", container.Blobs, s.blob)
	}
}

func printItems[T any](out io.Writer, heading, noun string, items []T, text func(T) string) {
	if len(items) != 1 {
		noun += "s"
	}
	fmt.Fprintf(out, "%s: %d %s\n", heading, len(items), noun)
	for _, item := range items {
		fmt.Fprintf(out, "  %s\n", text(item))
	}
}

func moment(t time.Time) string { return t.Format(time.DateTime) + "  " }

// summary returns the type and id of a CloudEvent, otherwise the content on one
// line.
func summary(content []byte) string {
	var event struct {
		SpecVersion string `json:"specversion"`
		Type        string `json:"type"`
		ID          string `json:"id"`
	}
	if json.Unmarshal(content, &event) == nil && event.SpecVersion != "" {
		return event.Type + "  " + event.ID
	}
	return line(content)
}

// lineWidth is the maximum length of a line, in characters.
const lineWidth = 100

// line returns content on one line, cut to lineWidth.
func line(content []byte) string {
	text := []rune(strings.Join(strings.Fields(string(content)), " "))
	if len(text) > lineWidth {
		return string(text[:lineWidth-1]) + "…"
	}
	return string(text)
}

// indented returns JSON on several lines, and other content unchanged.
func indented(content []byte) string {
	value := jsontext.Value(content).Clone()
	if value.Indent(jsontext.WithIndentPrefix("  "), jsontext.WithIndent("  ")) != nil {
		return "\n  " + string(content)
	}
	return "\n  " + string(value)
}
