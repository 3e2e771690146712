package embedded

import (
	"encoding/json/v2"
	"errors"
	"io/fs"
	"os"
	"time"
)

// state is what receiving a message changes. A message without one was never
// received.
type state struct {
	DequeueCount int       `json:"dequeueCount"`
	Receipt      string    `json:"receipt"`
	NextVisible  time.Time `json:"nextVisible"`
}

// statePath returns the file of a message's state. It is outside of the queue, so
// that the queue holds only messages.
func (s *Storage) statePath(queue string, m messageFile) string {
	return s.Folder.Path(statesFolder, queue, m.id+".json")
}

// statesFolder holds the states of all messages.
const statesFolder = "received"

// readState returns the state of a message. A broken one counts as none.
func (s *Storage) readState(queue string, m messageFile) (state, error) {
	var read state
	path := s.statePath(queue, m)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return read, nil
	}
	if err != nil {
		return read, err
	}
	if err := json.Unmarshal(text, &read); err != nil {
		s.skip(path, err)
		return state{}, nil
	}
	return read, nil
}

func (s *Storage) writeState(queue string, m messageFile, changed state) error {
	text, err := json.Marshal(changed)
	if err != nil {
		return err
	}
	return s.Folder.Write(s.statePath(queue, m), append(text, '\n'))
}
