package embedded

import (
	"context"
	"crypto/rand"
	"encoding/json/jsontext"
	"math"
	"path"
	"strings"
	"time"

	"whatsapp-functions/devhost/storage"
)

// messageTime sorts as a string.
const messageTime = "20060102T150405.000000000Z"

// Enqueue implements [storage.Writer].
func (s *Storage) Enqueue(_ context.Context, queue string, message []byte) error {
	if err := storage.CheckMessage(queue, message, s.QueueText); err != nil {
		return err
	}
	extension := ".txt"
	if jsontext.Value(message).IsValid() {
		extension = ".json"
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	name := s.now().Format(messageTime) + "-" + rand.Text()[:8] + extension
	return s.Folder.Write(s.Folder.Path("queues", queue, name), message)
}

// Messages implements [storage.Reader].
func (s *Storage) Messages(ctx context.Context, queue string) ([]storage.Message, error) {
	part, err := s.PeekMessages(ctx, queue, math.MaxInt)
	return part.Items, err
}

// PeekMessages implements [storage.Peeker].
func (s *Storage) PeekMessages(_ context.Context, queue string, limit int) (storage.Part[storage.Message], error) {
	files, err := s.files(storage.Queues, queue)
	if err != nil {
		return storage.Part[storage.Message]{}, err
	}
	files, part := newest[storage.Message](files, limit)
	part.Items, err = readFiles(s, files, func(f file, content []byte) (storage.Message, error) {
		id := strings.TrimSuffix(f.name, path.Ext(f.name))
		inserted, err := time.Parse(messageTime, id[:len(messageTime)])
		return storage.Message{ID: id, Inserted: inserted, Body: content}, err
	})
	return part, err
}
