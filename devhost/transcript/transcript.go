// Package transcript is what an invocation leaves behind: all that went in and
// came out, in a file that only its owner can read.
package transcript

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/storage"
)

// Transcript is one try of one invocation.
type Transcript struct {
	ID       string    `json:"id"`
	Function string    `json:"function"`
	Started  time.Time `json:"started"`
	// Took is in milliseconds.
	Took float64 `json:"took"`
	// Local says that its outputs went to storage on this machine.
	Local bool `json:"local"`
	// Events are the delivery.
	Events      jsontext.Value `json:"events"`
	Request     string         `json:"request"`
	Status      int            `json:"status,omitzero"`
	ContentType string         `json:"contentType,omitzero"`
	Response    string         `json:"response,omitzero"`
	Outputs     []Output       `json:"outputs,omitzero"`
	Logs        []string       `json:"logs,omitzero"`
	Remarks     []string       `json:"remarks,omitzero"`
	Error       string         `json:"error,omitzero"`
}

// Output is what went to one output.
type Output struct {
	Name   string `json:"name"`
	Target string `json:"target"`
	Items  []Item `json:"items"`
}

// Item is a message, row or blob.
type Item struct {
	Name string `json:"name,omitzero"`
	storage.Text
}

// New is the transcript of a result.
func New(r host.Result, local bool) Transcript {
	t := Transcript{
		ID:          r.Call.ID,
		Function:    r.Call.Function,
		Started:     r.Started.UTC(),
		Took:        float64(r.Took.Microseconds()) / 1000,
		Local:       local,
		Events:      jsontext.Value(dotnet.NewArray(r.Call.Events...).Compact()),
		Request:     r.Exchange.Request,
		Status:      r.Exchange.Status,
		ContentType: r.Exchange.ContentType,
		Response:    r.Exchange.Response,
		Logs:        r.Logs,
		Remarks:     r.Outcome.Remarks,
	}
	if r.Err != nil {
		t.Error = r.Err.Error()
	}
	for _, w := range r.Outcome.Written {
		output := Output{Name: w.Output, Target: w.Target}
		for _, i := range w.Items {
			output.Items = append(output.Items, Item{i.Name, storage.NewText(i.Content)})
		}
		t.Outputs = append(t.Outputs, output)
	}
	return t
}

// Folder is where transcripts lie, a file each, named by time, function and
// the first digits of the invocation's id.
type Folder struct {
	path string

	mu    sync.Mutex
	saved int
}

// kept is how many transcripts stay.
const kept = 1000

// Open uses a folder, which need not exist.
func Open(path string) (*Folder, error) {
	err := os.MkdirAll(path, 0o700)
	if err == nil {
		err = os.Chmod(path, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("transcripts: %w", err)
	}
	return &Folder{path: path}, nil
}

// Save writes a transcript. Now and then it removes old ones, so that the last
// thousand stay.
func (f *Folder) Save(t Transcript) error {
	text, err := json.Marshal(t, jsontext.WithIndent("  "), jsontext.PreserveRawStrings(true), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return fmt.Errorf("transcript: %w", err)
	}
	name := fmt.Sprintf("%s-%s-%s.json", t.Started.Format("20060102T150405.000000000Z"), t.Function, t.ID[:8])
	if err := os.WriteFile(filepath.Join(f.path, name), text, 0o600); err != nil {
		return fmt.Errorf("transcript: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.saved++; f.saved%100 == 0 {
		f.prune()
	}
	return nil
}

func (f *Folder) prune() {
	names := f.names()
	for _, name := range names[:max(0, len(names)-kept)] {
		_ = os.Remove(filepath.Join(f.path, name))
	}
}

// names are the files, the oldest first.
func (f *Folder) names() []string {
	entries, _ := os.ReadDir(f.path)
	var names []string
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".json") {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names
}

// Last are the last transcripts, at most so many, the newest first.
func (f *Folder) Last(count int) ([]Transcript, error) {
	names := f.names()
	slices.Reverse(names)
	var last []Transcript
	for _, name := range names[:min(count, len(names))] {
		t, err := f.read(name)
		if err != nil {
			return nil, err
		}
		last = append(last, t)
	}
	return last, nil
}

func (f *Folder) read(name string) (Transcript, error) {
	var t Transcript
	text, err := os.ReadFile(filepath.Join(f.path, name))
	if err == nil {
		err = json.Unmarshal(text, &t, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	}
	if err != nil {
		return t, fmt.Errorf("transcript %s: %w", name, err)
	}
	return t, nil
}

// ErrNone says that there is no such transcript.
var ErrNone = errors.New("there is no transcript of this invocation")

// Find returns the last transcript of the invocation whose id starts with id.
// Of an id of eight digits or less it is the file's name that tells.
func (f *Folder) Find(id string) (Transcript, error) {
	names := f.names()
	slices.Reverse(names)
	for _, name := range names {
		parts := strings.Split(strings.TrimSuffix(name, ".json"), "-")
		short := parts[len(parts)-1]
		if !strings.HasPrefix(id, short) && !strings.HasPrefix(short, id) || id == "" {
			continue
		}
		t, err := f.read(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return t, err
		}
		if strings.HasPrefix(t.ID, id) {
			return t, nil
		}
	}
	return Transcript{}, fmt.Errorf("%s: %w in %s", id, ErrNone, f.path)
}
