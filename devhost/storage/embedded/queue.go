package embedded

import (
	"context"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"regexp"
	"time"

	"github.com/google/uuid"

	"whatsapp-functions/devhost/storage"
)

// messageTime sorts as a string.
const messageTime = "20060102T150405.000000000Z"

// The extensions of messages: JSON, other content, and text that is not base64
// although messages are stored in base64.
const (
	extensionJSON        = ".json"
	extensionText        = ".txt"
	extensionUndecodable = ".raw"
)

// messageName is the form of a message's file name. Its parts are the time of
// insertion, the id, and the extension.
var messageName = regexp.MustCompile(`^([0-9]{8}T[0-9]{6}\.[0-9]{9}Z)-([A-Z0-9]{8}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(?:json|txt|raw)$`)

// messageFile is a message in the tree.
type messageFile struct {
	file
	id       string
	inserted time.Time
}

func (m messageFile) expires() time.Time { return m.inserted.Add(storage.TimeToLive) }

// message returns the message with its content.
func (m messageFile) message(content []byte, received state) storage.Message {
	return storage.Message{
		ID: m.id, Inserted: m.inserted, Expires: m.expires(), DequeueCount: received.DequeueCount,
		Body: content, Undecodable: path.Ext(m.name) == extensionUndecodable,
	}
}

// Enqueue implements [storage.Writer].
func (s *Storage) Enqueue(_ context.Context, queue string, message []byte) error {
	if err := storage.CheckMessage(queue, message, s.QueueText); err != nil {
		return err
	}
	extension := extensionText
	if jsontext.Value(message).IsValid() {
		extension = extensionJSON
	}
	return s.enqueue(queue, message, extension)
}

func (s *Storage) enqueue(queue string, message []byte, extension string) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	name := s.now().Format(messageTime) + "-" + uuid.NewString() + extension
	return s.Folder.Write(s.Folder.Path("queues", queue, name), message)
}

// messageFiles returns the messages of a queue in the order of their insertion.
// It removes those that have expired.
func (s *Storage) messageFiles(queue string) ([]messageFile, error) {
	files, err := s.files(storage.Queues, queue)
	var messages []messageFile
	now := time.Now()
	for _, f := range files {
		parts := messageName.FindStringSubmatch(f.name)
		inserted, wrong := time.Parse(messageTime, parts[1])
		m := messageFile{f, parts[2], inserted}
		switch {
		case wrong != nil:
			s.skip(f.path, wrong)
		case m.expires().After(now):
			messages = append(messages, m)
		default:
			_ = s.remove(queue, m) // it is tried again
		}
	}
	return messages, err
}

// Messages implements [storage.Reader].
func (s *Storage) Messages(ctx context.Context, queue string) ([]storage.Message, error) {
	part, err := s.PeekMessages(ctx, queue, math.MaxInt)
	return part.Items, err
}

// PeekMessages implements [storage.Peeker].
func (s *Storage) PeekMessages(_ context.Context, queue string, limit int) (storage.Part[storage.Message], error) {
	all, err := s.messageFiles(queue)
	states := map[string]state{}
	var visible []file
	byPath := map[string]messageFile{}
	now := time.Now()
	for _, m := range all {
		received, failure := s.readState(queue, m)
		err = errors.Join(err, failure)
		if !received.NextVisible.After(now) {
			visible, byPath[m.path], states[m.path] = append(visible, m.file), m, received
		}
	}
	if err != nil {
		return storage.Part[storage.Message]{}, err
	}
	files, part := newest[storage.Message](visible, limit)
	part.Items, err = readFiles(s, files, func(f file, content []byte) (storage.Message, error) {
		return byPath[f.path].message(content, states[f.path]), nil
	})
	return part, err
}

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
			message := m.message(content, received)
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

// CopyMessage implements [storage.Consumer].
func (s *Storage) CopyMessage(ctx context.Context, queue string, message storage.Message) error {
	if message.Undecodable && !s.QueueText {
		if err := storage.CheckMessage(queue, message.Body, true); err != nil {
			return err
		}
		return s.enqueue(queue, message.Body, extensionUndecodable)
	}
	return s.Enqueue(ctx, queue, message.Body)
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
