package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/google/uuid"

	"whatsapp-functions/devhost/storage"
)

// Receive implements [storage.Consumer].
func (s *Storage) Receive(_ context.Context, queue string, limit int, hidden time.Duration) ([]storage.Message, error) {
	s.consuming.Lock()
	defer s.consuming.Unlock()
	all, err := s.messageFiles(queue)
	var messages []storage.Message
	for _, m := range all {
		if err != nil || len(messages) == min(limit, storage.MaxReceive) {
			break
		}
		received, failure := s.readState(queue, m)
		if failure != nil || received.NextVisible.After(time.Now()) {
			err = failure
			continue
		}
		content, failure := os.ReadFile(m.path)
		if errors.Is(failure, fs.ErrNotExist) {
			continue // removed in the meantime
		}
		received.DequeueCount++
		received.hide(hidden)
		if err = errors.Join(failure, s.writeState(queue, m, received)); err == nil {
			message := s.message(m, content, received)
			message.Receipt, message.NextVisible = received.Receipt, received.NextVisible
			messages = append(messages, message)
		}
	}
	if len(messages) > 0 {
		err = nil // what was received must not be lost
	}
	return messages, err
}

// hide gives a message a new receipt.
func (c *state) hide(hidden time.Duration) {
	c.Receipt, c.NextVisible = uuid.NewString(), time.Now().UTC().Round(0).Add(hidden.Truncate(time.Second))
}

// UpdateMessage implements [storage.Consumer].
func (s *Storage) UpdateMessage(_ context.Context, queue string, message storage.Message, hidden time.Duration) (storage.Message, error) {
	s.consuming.Lock()
	defer s.consuming.Unlock()
	m, received, err := s.received(queue, message)
	if err != nil {
		return message, err
	}
	received.hide(hidden)
	if err := s.writeState(queue, m, received); err != nil {
		return message, err
	}
	message.Receipt, message.NextVisible = received.Receipt, received.NextVisible
	return message, nil
}

// DeleteMessage implements [storage.Consumer].
func (s *Storage) DeleteMessage(_ context.Context, queue string, message storage.Message) error {
	s.consuming.Lock()
	defer s.consuming.Unlock()
	m, _, err := s.received(queue, message)
	if err != nil {
		return err
	}
	return s.remove(queue, m)
}

// received returns a message if it still has the receipt with which it was
// received.
func (s *Storage) received(queue string, message storage.Message) (m messageFile, current state, err error) {
	stem := message.Inserted.Format(messageTime) + "-" + message.ID
	for _, extension := range []string{extensionJSON, extensionText, extensionUndecodable} {
		m = messageFile{file{path: s.Folder.Path("queues", queue, stem+extension), name: stem + extension}, message.ID, message.Inserted}
		if _, err = os.Lstat(m.path); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if errors.Is(err, fs.ErrNotExist) || !messageName.MatchString(m.name) {
		return m, current, queueError(queue, storage.ErrMessageNotFound)
	}
	if err == nil {
		current, err = s.readState(queue, m)
	}
	if err == nil && current.Receipt != message.Receipt {
		err = queueError(queue, storage.ErrReceipt)
	}
	return m, current, err
}

func queueError(queue string, err error) error { return fmt.Errorf("queue %s: %w", queue, err) }

// remove deletes a message, and then its state: a state without a message is
// harmless.
func (s *Storage) remove(queue string, m messageFile) error {
	if err := os.Remove(m.path); err != nil {
		return err
	}
	if err := os.Remove(s.statePath(queue, m)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// RemoveMessage implements [storage.Storage].
func (s *Storage) RemoveMessage(_ context.Context, queue, id string) error {
	s.consuming.Lock()
	defer s.consuming.Unlock()
	if err := storage.CheckMessage(queue, nil, true); err != nil {
		return err
	}
	all, err := s.messageFiles(queue)
	for _, m := range all {
		if m.id != id {
			continue
		}
		current, err := s.readState(queue, m)
		if err != nil {
			return err
		}
		if !current.NextVisible.After(time.Now()) {
			return s.remove(queue, m)
		}
	}
	if err == nil {
		err = queueError(queue, fmt.Errorf("message %s: %w", id, storage.ErrMessageNotFound))
	}
	return err
}
