package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json/v2"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// message is what is needed here of a message in the queue: its schema,
// message-received.v1, has all of it. What is not known is passed over: members
// may be added.
type message struct {
	Source string `json:"source"`
	ID     string `json:"id"`
	Data   struct {
		MessageID     string   `json:"messageId"`
		Kind          string   `json:"kind"`
		Conversations []string `json:"conversations"`
		Text          string   `json:"text"`
		Media         struct {
			ID string `json:"id"`
		} `json:"media"`
		Reaction struct {
			Emoji string `json:"emoji"`
		} `json:"reaction"`
	} `json:"data"`
}

// mostAttempts is after how many a message is set aside for somebody to look
// at.
const mostAttempts = 5

// consume takes messages until none is waiting.
func consume(ctx context.Context, s storage) error {
	messages, poison, done := s.queues.NewQueueClient("inbound-messages"), s.queues.NewQueueClient("inbound-messages-poison"), s.tables.NewClient("Consumed")
	if _, err := poison.Create(ctx, nil); err != nil && !is(err, http.StatusConflict) {
		return err
	}
	if _, err := done.CreateTable(ctx, nil); err != nil && !is(err, http.StatusConflict) {
		return err
	}
	for {
		// Whoever has not deleted a message in a minute loses it to another.
		batch, err := messages.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: new(int32(32)), VisibilityTimeout: new(int32(60))})
		if err != nil {
			return err
		}
		if len(batch.Messages) == 0 {
			return nil
		}
		for _, item := range batch.Messages {
			if err := take(ctx, done, *item.MessageText); err != nil {
				if *item.DequeueCount < mostAttempts {
					continue // it comes again
				}
				if _, err := poison.EnqueueMessage(ctx, *item.MessageText, nil); err != nil {
					return err
				}
			}
			if _, err := messages.DeleteMessage(ctx, *item.MessageID, *item.PopReceipt, nil); err != nil {
				return err
			}
		}
	}
}

// take does a message's work, unless it was done.
func take(ctx context.Context, done *aztables.Client, text string) error {
	content, err := base64.StdEncoding.DecodeString(text) // as the Functions host writes it
	if err != nil {
		return err
	}
	var m message
	if err := json.Unmarshal(content, &m); err != nil {
		return err
	}
	mark := m.mark()
	_, err = done.GetEntity(ctx, mark.PartitionKey, mark.RowKey, nil)
	if err == nil || !is(err, http.StatusNotFound) {
		return err
	}
	if err := m.handle(); err != nil {
		return err
	}
	entity, err := json.Marshal(aztables.EDMEntity{Entity: mark})
	if err != nil {
		return err
	}
	_, err = done.UpsertEntity(ctx, entity, nil)
	return err
}

// mark is what a message is told by: its source and its id together. Where the
// work is done in a database, keep this mark there, in the transaction that
// does the work.
func (m message) mark() aztables.Entity {
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(m.Source+"\n"+m.ID)))
	return aztables.Entity{PartitionKey: hash[:2], RowKey: hash}
}

// handle is the work. All of it is in the message: the row in Messages may not
// be there yet.
func (m message) handle() error {
	d := m.Data
	what := cmp.Or(d.Text, d.Media.ID, d.Reaction.Emoji)
	fmt.Printf("%s %s from %s: %s\n", d.MessageID, d.Kind, strings.Join(d.Conversations, " "), what)
	return nil
}

// is reports whether an error is the service's, with this status.
func is(err error, status int) bool {
	var answer *azcore.ResponseError
	return errors.As(err, &answer) && answer.StatusCode == status
}
