package main

import (
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"whatsapp-functions/handler/conversation"
)

const (
	messages = "Messages"
	statuses = "MessageStatus"
)

// row is the part of a row that is read.
type row struct {
	table        string
	PartitionKey string `json:"PartitionKey"`
	RowKey       string `json:"RowKey"`
	EventID      string `json:"EventId"`
	MessageID    string `json:"MessageId"`
	Phone        string `json:"Phone"`
	BSUID        string `json:"Bsuid"`
	ChannelID    string `json:"ChannelId"`
	MediaBlob    string `json:"MediaBlob"`
	SystemType   string `json:"SystemType"`
}

func (r row) parties() parties {
	i := parties{
		people:  []conversation.Participant{{Phone: r.Phone, BSUID: r.BSUID}},
		channel: r.ChannelID, messageID: r.MessageID, eventID: r.EventID, file: r.MediaBlob,
	}
	if r.table == statuses {
		i.messageID = messageOf(r.PartitionKey)
	}
	return i
}

// readRows finds the rows of both tables: by the person's numbers and ids, and the
// statuses of the person's messages that name nobody.
func (s *search) readRows(ctx context.Context) error {
	seen := map[string]bool{}
	for _, table := range []string{messages, statuses} {
		// The list grows while rows link other identities.
		for n := 0; n < len(s.person.identities); n++ {
			value := strings.ReplaceAll(s.person.identities[n], "'", "''")
			filter := fmt.Sprintf("Phone eq '%s' or Bsuid eq '%[1]s'", value)
			if err := s.readTable(ctx, table, filter, seen); err != nil {
				return err
			}
		}
	}
	for _, id := range sortedKeys(s.person.messages) {
		filter := fmt.Sprintf("PartitionKey eq '%s'", strings.ReplaceAll(partition(id), "'", "''"))
		if err := s.readTable(ctx, statuses, filter, seen); err != nil {
			return err
		}
	}
	return nil
}

func sortedKeys(set map[string]bool) (keys []string) {
	for key := range set {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func (s *search) readTable(ctx context.Context, table, filter string, seen map[string]bool) error {
	pager := s.account.tables.NewClient(table).NewListEntitiesPager(&aztables.ListEntitiesOptions{Filter: &filter, Format: to.Ptr(aztables.MetadataFormatMinimal)})
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if isCode(err, "TableNotFound", "ResourceNotFound") {
			return nil
		}
		if err != nil {
			return fmt.Errorf("table %s: %w", table, brief(err))
		}
		for _, entity := range page.Entities {
			r := row{table: table}
			if err := json.Unmarshal(entity, &r, tolerant); err != nil {
				return fmt.Errorf("table %s: a row can't be read", table)
			}
			key := table + "\x00" + r.PartitionKey + "\x00" + r.RowKey
			i := r.parties()
			if seen[key] || !s.person.owns(i) {
				continue
			}
			seen[key] = true
			s.learn(i)
			depth := s.person.depth(i.people[0])
			if depth < 0 {
				depth = math.MaxInt // found by the message's id only
			}
			s.found = append(s.found, finding{
				place: "table " + table,
				lines: []jsontext.Value{line("table", table, "row", withoutMetadata(entity))},
				row:   &r,
				depth: depth,
			})
		}
	}
	return nil
}

// withoutMetadata returns a row without the service's own fields.
func withoutMetadata(entity []byte) jsontext.Value {
	var fields map[string]jsontext.Value
	if json.Unmarshal(entity, &fields, tolerant) != nil {
		return entity
	}
	for name := range fields {
		if strings.HasPrefix(name, "odata.") {
			delete(fields, name)
		}
	}
	text, err := json.Marshal(fields, json.Deterministic(true), tolerant)
	if err != nil {
		return entity
	}
	return text
}

// deleteRow deletes a row. One that is not there any longer is no error.
func (s *search) deleteRow(ctx context.Context, r *row) error {
	_, err := s.account.tables.NewClient(r.table).DeleteEntity(ctx, r.PartitionKey, r.RowKey, nil)
	if err != nil && !isCode(err, "ResourceNotFound", "EntityNotFound") {
		return fmt.Errorf("table %s: %w", r.table, brief(err))
	}
	return nil
}
