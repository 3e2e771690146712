package embedded

import (
	"context"
	"crypto/rand"
	"encoding/json/jsontext"
	"io/fs"
	"path"
	"strings"
	"time"

	"whatsapp-functions/devhost/storage"
)

// messageTime sorts as text.
const messageTime = "20060102T150405.000000000Z"

// Enqueue implements [storage.Storage].
func (s *Storage) Enqueue(_ context.Context, queue string, message []byte) error {
	if err := storage.CheckMessage(queue, message, s.QueueText); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	name := s.now().Format(messageTime) + "-" + rand.Text()[:8] + extension(message)
	return s.write(s.path("queues", queue, name), message)
}

func extension(content []byte) string {
	if jsontext.Value(content).IsValid() {
		return ".json"
	}
	return ".txt"
}

// Queues implements [storage.Storage].
func (s *Storage) Queues(context.Context) ([]string, error) {
	return s.folders("queues")
}

// Messages implements [storage.Storage].
func (s *Storage) Messages(_ context.Context, queue string) ([]storage.Message, error) {
	var messages []storage.Message
	err := s.files(func(name string, content []byte, _ fs.FileInfo) error {
		message, err := newMessage(name, content)
		messages = append(messages, message)
		return err
	}, "queues", queue)
	return messages, err
}

// newMessage is the message in a file.
func newMessage(name string, content []byte) (storage.Message, error) {
	id := strings.TrimSuffix(name, path.Ext(name))
	stamp, _, _ := strings.Cut(id, "-")
	inserted, err := time.Parse(messageTime, stamp)
	return storage.Message{ID: id, Inserted: inserted, Body: content}, err
}
