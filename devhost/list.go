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

// lineWidth is how much of an item a line shows, in characters.
const lineWidth = 100

// printLines shows contents with a line for each item.
func printLines(out io.Writer, c storage.Contents) {
	for _, queue := range c.Queues {
		printHeading(out, "queue", queue.Name, len(queue.Messages), "message")
		for _, m := range queue.Messages {
			fmt.Fprintf(out, "  %s  %s\n", m.Inserted.Format(time.DateTime), summary(m.Body))
		}
	}
	for _, table := range c.Tables {
		printHeading(out, "table", table.Name, len(table.Rows), "row")
		for _, row := range table.Rows {
			fmt.Fprintf(out, "  %s  %s\n", row.PartitionKey, row.RowKey)
		}
	}
	for _, container := range c.Containers {
		printHeading(out, "container", container.Name, len(container.Blobs), "blob")
		for _, blob := range container.Blobs {
			fmt.Fprintf(out, "  %s  %s  %d bytes\n", blob.Modified.Format(time.DateTime), blob.Name, len(blob.Content))
		}
	}
}

// printWhole shows contents with every item whole.
func printWhole(out io.Writer, c storage.Contents) {
	for _, queue := range c.Queues {
		printHeading(out, "queue", queue.Name, len(queue.Messages), "message")
		for _, m := range queue.Messages {
			fmt.Fprintf(out, "\n  %s\n  %s\n", m.Inserted.Format(time.DateTime), indented(m.Body))
		}
	}
	for _, table := range c.Tables {
		printHeading(out, "table", table.Name, len(table.Rows), "row")
		for _, row := range table.Rows {
			fmt.Fprintf(out, "\n  %s\n", indented(storage.EncodeRow(row)))
		}
	}
	for _, container := range c.Containers {
		printHeading(out, "container", container.Name, len(container.Blobs), "blob")
		for _, blob := range container.Blobs {
			fmt.Fprintf(out, "\n  %s  %s\n  %s\n", blob.Modified.Format(time.DateTime), blob.Name, indented(blob.Content))
		}
	}
}

func printHeading(out io.Writer, kind, name string, count int, item string) {
	if count != 1 {
		item += "s"
	}
	fmt.Fprintf(out, "%s %s: %d %s\n", kind, name, count, item)
}

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

// line is content on one line, cut where it is long.
func line(content []byte) string {
	text := []rune(strings.Join(strings.Fields(string(content)), " "))
	if len(text) > lineWidth {
		return string(text[:lineWidth-1]) + "…"
	}
	return string(text)
}

// indented is JSON on lines, anything else as it is.
func indented(content []byte) string {
	value := jsontext.Value(content).Clone()
	if value.Indent(jsontext.WithIndentPrefix("  "), jsontext.WithIndent("  ")) != nil {
		return string(content)
	}
	return string(value)
}
