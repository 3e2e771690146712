package embedded

import (
	"context"
	"encoding/json/jsontext"
	"errors"
	"math"
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

// message returns a message with its content.
func (s *Storage) message(m messageFile, content []byte, received state) storage.Message {
	return storage.Message{
		ID: m.id, Inserted: m.inserted, Expires: m.expires(), DequeueCount: received.DequeueCount,
		Body: content, Undecodable: path.Ext(m.name) == extensionUndecodable && !s.QueueText,
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
		return s.message(byPath[f.path], content, states[f.path]), nil
	})
	return part, err
}
