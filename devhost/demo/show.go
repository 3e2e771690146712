package demo

import (
	"context"
	"encoding/json/jsontext"
	"fmt"
	"slices"
	"strings"

	"whatsapp-functions/devhost/storage"
)

// show prints every queue, table and container with the number of its items
// and one of them.
func (d Demo) show(ctx context.Context) error {
	contents, err := storage.ReadContents(ctx, d.Storage)
	if err != nil {
		return err
	}
	for _, queue := range contents.Queues {
		d.heading("queue", queue.Name, len(queue.Messages), "message")
		if len(queue.Messages) > 0 {
			d.json(queue.Messages[len(queue.Messages)-1].Body)
		}
	}
	for _, table := range contents.Tables {
		d.heading("table", table.Name, len(table.Rows), "row")
		if len(table.Rows) > 0 {
			d.row(table.Rows[0])
		}
	}
	for _, container := range contents.Containers {
		d.heading("container", container.Name, len(container.Blobs), "blob")
		if i := slices.IndexFunc(container.Blobs, func(b storage.Blob) bool { return len(b.Content) > 0 }); i >= 0 {
			fmt.Fprintf(d.Out, "  %s\n", container.Blobs[i].Name)
			d.json(container.Blobs[i].Content)
		}
	}
	return nil
}

func (d Demo) heading(kind, name string, count int, item string) {
	if count != 1 {
		item += "s"
	}
	fmt.Fprintf(d.Out, "\n%s %s: %d %s, one of them:\n", kind, name, count, item)
}

// json prints an item, indented if it is JSON.
func (d Demo) json(content []byte) {
	value := jsontext.Value(content).Clone()
	_ = value.Indent(jsontext.WithIndentPrefix("  "), jsontext.WithIndent("  "))
	fmt.Fprintf(d.Out, "  %s\n", value)
}

func (d Demo) row(row storage.Row) {
	columns := append([]storage.Column{
		{Name: "PartitionKey", Value: row.PartitionKey},
		{Name: "RowKey", Value: row.RowKey},
	}, row.Columns...)
	for _, c := range columns {
		fmt.Fprintf(d.Out, "  %-16s %s\n", c.Name, strings.TrimSpace(fmt.Sprint(c.Value)))
	}
}
