package main

import (
	"context"
	"encoding/base64"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2/queueerror"
)

// appQueues are the queues of the app. Each may have a poison queue.
var appQueues = []string{"inbound-messages", "failed-messages", "contact-preferences", "status-updates", "channel-events", "media-requests", "media-results"}

const (
	poisonSuffix = "-poison"
	// batch is the most messages that the service returns at once.
	batch = int32(32)
	// hidden is how long a received message is hidden from consumers, unless it is
	// released before.
	hidden = time.Minute
)

// message is a message that was peeked at or received. Only a received message has a
// receipt, without which it can't be deleted.
type message struct {
	id, text, receipt string
	inserted, expires time.Time
}

// content returns the content of a message, which is usually encoded in base64.
func (m message) content() string {
	if decoded, err := base64.StdEncoding.DecodeString(m.text); err == nil {
		return string(decoded)
	}
	return m.text
}

func (s *search) queueNames() (names []string) {
	for _, name := range slices.Concat(appQueues, s.queues) {
		names = append(names, name)
		if !strings.HasSuffix(name, poisonSuffix) {
			names = append(names, name+poisonSuffix)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// readQueues finds the person's messages.
func (s *search) readQueues(ctx context.Context) error {
	for _, queue := range s.queueNames() {
		if _, ok := s.queued[queue]; !ok {
			err := s.look(ctx, queue)
			if err != nil {
				err = fmt.Errorf("queue %s: %w", queue, brief(err))
			}
			if err != nil && unreachable(err) {
				return err
			} else if err != nil {
				s.problems = append(s.problems, err)
			}
		}
		for _, m := range s.queued[queue] {
			s.readMessage(queue, m)
		}
	}
	return nil
}

// look reads the messages of a queue. Peeking changes nothing, but shows only the
// first 32. Receiving shows all that are visible.
func (s *search) look(ctx context.Context, queue string) (err error) {
	if !s.receive {
		s.queued[queue], err = s.peek(ctx, queue)
		return err
	}
	return s.sweep(ctx, queue, func(m message) error {
		s.queued[queue] = append(s.queued[queue], m)
		return errKeep
	})
}

func (s *search) peek(ctx context.Context, queue string) (shown []message, err error) {
	client := s.account.queues.NewQueueClient(queue)
	number := batch
	page, err := client.PeekMessages(ctx, &azqueue.PeekMessagesOptions{NumberOfMessages: &number})
	if isCode(err, string(queueerror.QueueNotFound)) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, m := range page.Messages {
		shown = append(shown, message{id: *m.MessageID, text: *m.MessageText, inserted: *m.InsertionTime, expires: *m.ExpirationTime})
	}
	properties, err := client.GetProperties(ctx, nil)
	if err != nil {
		return shown, err
	}
	switch total := int(*properties.ApproximateMessagesCount); {
	case total > len(shown) && len(shown) == int(batch):
		s.unseen = append(s.unseen, fmt.Sprintf("queue %s: looked at the first %d of about %d messages", queue, len(shown), total))
	case total > len(shown):
		s.noteHidden(queue, total-len(shown))
	}
	return shown, nil
}

func (s *search) noteHidden(queue string, number int) {
	s.unseen = append(s.unseen, fmt.Sprintf("queue %s: did not see about %d messages: a consumer has them or will retry them, or they are new", queue, number))
}

// isTheirs reports whether a message is about the person.
func (s *search) isTheirs(queue string, m message) bool {
	content := m.content()
	return s.concerns("queue "+queue, readMessage([]byte(content)), content)
}

// readMessage adds a message if it is about the person.
func (s *search) readMessage(queue string, m message) {
	if !s.isTheirs(queue, m) {
		return
	}
	value := jsontext.Value(m.content())
	if value.Compact(tolerant) != nil {
		value, _ = jsontext.AppendQuote(nil, strings.ToValidUTF8(m.content(), "\uFFFD"))
	}
	s.found = append(s.found, finding{place: "queue " + queue, lines: []jsontext.Value{line(
		"queue", queue, "id", m.id, "inserted", m.inserted.UTC().Format(time.RFC3339), "expires", m.expires.UTC().Format(time.RFC3339), "message", value,
	)}})
}

// errKeep is the answer to a message that is not deleted.
var errKeep = errors.New("keep")

// sweep receives all visible messages of a queue, and gives each to visit. The
// messages that are kept are hidden only until the sweep ends, for a minute at most.
// Their dequeue count has risen by 1; nothing else of them changes.
func (s *search) sweep(ctx context.Context, queue string, visit func(m message) error) (err error) {
	client := s.account.queues.NewQueueClient(queue)
	seen := map[string]bool{}
	var kept []message
	defer func() { release(context.WithoutCancel(ctx), client, kept) }()
	number, seconds := batch, int32(hidden/time.Second)
	for {
		page, err := client.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: &number, VisibilityTimeout: &seconds})
		if isCode(err, string(queueerror.QueueNotFound)) {
			return nil
		}
		if err != nil {
			return err
		}
		fresh := false
		for _, received := range page.Messages {
			m := message{id: *received.MessageID, text: *received.MessageText, receipt: *received.PopReceipt, inserted: *received.InsertionTime, expires: *received.ExpirationTime}
			if seen[m.id] { // it was hidden for a minute already
				kept = append(kept, m)
				continue
			}
			seen[m.id], fresh = true, true
			if err := visit(m); errors.Is(err, errKeep) {
				kept = append(kept, m)
			} else if err != nil {
				return err
			}
		}
		if !fresh {
			break
		}
	}
	properties, err := client.GetProperties(ctx, nil)
	if err != nil {
		return err
	}
	if more := int(*properties.ApproximateMessagesCount) - len(kept); more > 0 {
		s.noteHidden(queue, more)
	}
	return nil
}

// release makes messages visible again. One whose text would change on the way is
// left to become visible by itself, as is one that can't be released.
func release(ctx context.Context, client *azqueue.QueueClient, kept []message) {
	ctx, stop := context.WithTimeout(ctx, hidden)
	defer stop()
	now := int32(0)
	for _, m := range kept {
		if strings.ContainsFunc(m.text, func(r rune) bool { return r < ' ' || r == '\uFFFD' }) {
			continue
		}
		_, _ = client.UpdateMessage(ctx, m.id, m.receipt, m.text, &azqueue.UpdateMessageOptions{VisibilityTimeout: &now})
	}
}

// deleteMessages deletes the person's messages of a queue, and returns their number.
func (s *search) deleteMessages(ctx context.Context, queue string) (deleted int, err error) {
	client := s.account.queues.NewQueueClient(queue)
	err = s.sweep(ctx, queue, func(m message) error {
		if !s.isTheirs(queue, m) {
			return errKeep
		}
		_, err := client.DeleteMessage(ctx, m.id, m.receipt, nil)
		if err == nil {
			deleted++
		}
		return err
	})
	return deleted, err
}
