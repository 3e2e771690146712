package history

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/durable"
)

// Folder holds transcripts, one file each, named by time, function and the
// first digits of the invocation's id. Only its owner can read them.
type Folder struct {
	// Log takes the names of files that are skipped.
	Log zerolog.Logger

	files durable.Folder
	mu    sync.Mutex
	saved int
}

// nameTime is the time at the start of a file's name, in UTC.
const nameTime = "20060102T150405.000000000Z"

// hiddenFile contains the time of the last Hide, in the form of nameTime.
const hiddenFile = "hidden-until"

// Hide makes Shown skip the transcripts until now. They stay for replay.
func (f *Folder) Hide(now time.Time) error {
	return f.files.Write(f.files.Path(hiddenFile), []byte(now.UTC().Format(nameTime)))
}

// Shown returns the newest transcripts that are not hidden, the newest first.
func (f *Folder) Shown(limit int) []Transcript {
	last := f.Last(limit)
	until, err := os.ReadFile(f.files.Path(hiddenFile))
	if err != nil {
		return last
	}
	return slices.DeleteFunc(last, func(t Transcript) bool { return t.Started.UTC().Format(nameTime) <= string(until) })
}

// maxTranscripts is how many files stay.
const maxTranscripts = 1000

// OpenFolder opens a folder and creates it if it does not exist.
func OpenFolder(path string, log zerolog.Logger) (*Folder, error) {
	files, err := durable.Open(path)
	if err != nil {
		return nil, fmt.Errorf("transcripts: %w", err)
	}
	return &Folder{files: files, Log: log}, nil
}

// Save writes a transcript. From time to time it removes the oldest ones.
func (f *Folder) Save(t Transcript) error {
	content, err := json.Marshal(t, jsontext.WithIndent("  "), jsontext.PreserveRawStrings(true), tolerant)
	if err == nil {
		err = f.files.Write(f.files.Path(fmt.Sprintf("%s-%s-%s.json", t.Started.Format(nameTime), t.Function, t.Short())), content)
	}
	if err != nil {
		return fmt.Errorf("transcript: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.saved++; f.saved%100 == 0 {
		names := f.names()
		for _, name := range names[min(maxTranscripts, len(names)):] {
			_ = os.Remove(f.files.Path(name))
		}
	}
	return nil
}

// fileName matches the names of transcripts.
var fileName = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}\.[0-9]{9}Z-.+-([^-]*)\.json$`)

// names returns the files, the newest first.
func (f *Folder) names() (names []string) {
	entries, _ := os.ReadDir(f.files.Root)
	for _, entry := range slices.Backward(entries) {
		if fileName.MatchString(entry.Name()) && entry.Type().IsRegular() {
			names = append(names, entry.Name())
		}
	}
	return names
}

// Last returns the newest transcripts, the newest first. It logs and skips files
// that it can't read.
func (f *Folder) Last(limit int) (last []Transcript) {
	for _, name := range f.names() {
		if len(last) == limit {
			break
		}
		if t, ok := f.read(name); ok {
			last = append(last, t)
		}
	}
	return last
}

func (f *Folder) read(name string) (t Transcript, ok bool) {
	content, err := os.ReadFile(f.files.Path(name))
	if err == nil {
		err = json.Unmarshal(content, &t, tolerant)
	}
	if err == nil && (t.ID == "" || t.Function == "" || t.Events.Kind() != jsontext.KindBeginArray) {
		err = errors.New("a field is missing")
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		f.Log.Warn().Str("file", f.files.Path(name)).Err(err).Msg("skipped a file that is not a transcript")
	}
	return t, err == nil
}

// ErrNoTranscript means that there is no such transcript.
var ErrNoTranscript = errors.New("there is no transcript of this invocation")

// Find returns the newest transcript of the invocation whose id starts with id.
// The files' names contain its first eight digits.
func (f *Folder) Find(id string) (Transcript, error) {
	for _, name := range f.names() {
		start := fileName.FindStringSubmatch(name)[1]
		if id == "" || !strings.HasPrefix(id, start) && !strings.HasPrefix(start, id) {
			continue
		}
		if t, ok := f.read(name); ok && strings.HasPrefix(t.ID, id) {
			return t, nil
		}
	}
	return Transcript{}, fmt.Errorf("%s: %w in %s", id, ErrNoTranscript, f.files.Root)
}
