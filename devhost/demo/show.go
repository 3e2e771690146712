package demo

import (
	"context"
	"encoding/json/jsontext"
	"fmt"
	"strings"

	"whatsapp-functions/devhost/storage"
)

// show prints every queue, table and container with the number of its items
// and one of them.
func (d Demo) show(ctx context.Context) error {
	queues, err := d.Storage.Queues(ctx)
	if err != nil {
		return err
	}
	for _, queue := range queues {
		items, err := d.Storage.Messages(ctx, queue)
		if err != nil {
			return err
		}
		d.heading("queue", queue, len(items), "message")
		if len(items) > 0 {
			d.json(items[len(items)-1].Body)
		}
	}
	tables, err := d.Storage.Tables(ctx)
	if err != nil {
		return err
	}
	for _, table := range tables {
		rows, err := d.Storage.Rows(ctx, table)
		if err != nil {
			return err
		}
		d.heading("table", table, len(rows), "row")
		if len(rows) > 0 {
			d.row(rows[0])
		}
	}
	containers, err := d.Storage.Containers(ctx)
	if err != nil {
		return err
	}
	for _, container := range containers {
		blobs, err := d.Storage.Blobs(ctx, container)
		if err != nil {
			return err
		}
		d.heading("container", container, len(blobs), "blob")
		if len(blobs) > 0 {
			fmt.Fprintf(d.Out, "  %s\n", blobs[0].Name)
			d.json(blobs[0].Content)
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

// json prints an item that is JSON on lines, any other as it is.
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
