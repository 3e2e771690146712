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

// style is how items are shown.
type style struct {
	message func(m storage.Message) string
	row     func(r storage.Row) string
	blob    func(b storage.Blob) string
}

// onLines shows a line for each item, wholly every item whole.
var (
	onLines = style{
		message: func(m storage.Message) string { return moment(m.Inserted) + summary(m.Body) },
		row:     func(r storage.Row) string { return r.PartitionKey + "  " + r.RowKey },
		blob: func(b storage.Blob) string {
			return fmt.Sprintf("%s%s  %d bytes", moment(b.Modified), b.Name, len(b.Content))
		},
	}
	wholly = style{
		message: func(m storage.Message) string { return moment(m.Inserted) + indented(m.Body) },
		row:     func(r storage.Row) string { return strings.TrimSpace(indented(storage.EncodeRow(r))) },
		blob:    func(b storage.Blob) string { return moment(b.Modified) + b.Name + indented(b.Content) },
	}
)

// print shows contents.
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

// summary is type and id of a CloudEvent, or else the content on one line.
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

// lineWidth is how much of an item a line shows, in characters.
const lineWidth = 100

// line is content on one line, cut where it is long.
func line(content []byte) string {
	text := []rune(strings.Join(strings.Fields(string(content)), " "))
	if len(text) > lineWidth {
		return string(text[:lineWidth-1]) + "…"
	}
	return string(text)
}

// indented is JSON on lines of its own, anything else as it is.
func indented(content []byte) string {
	value := jsontext.Value(content).Clone()
	if value.Indent(jsontext.WithIndentPrefix("  "), jsontext.WithIndent("  ")) != nil {
		return "\n  " + string(content)
	}
	return "\n  " + string(value)
}
