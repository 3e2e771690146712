package main

import (
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// rejections finds what functions reject while events are delivered: the blobs
// that appear in the container rejected-events.
type rejections struct {
	blobs blobs
	known map[string]bool
}

// blobs is a container, or a folder with its blobs as files.
type blobs interface {
	// list returns the names of all blobs that are not empty. The host leaves
	// empty ones when another output of the invocation failed.
	list(ctx context.Context) ([]string, error)
	read(ctx context.Context, name string) ([]byte, error)
}

// openRejections opens the container at an address, or a folder. What is there
// already does not belong to this delivery. The rejections of an app that is
// elsewhere are not on this machine: every event would seem to be written.
func openRejections(ctx context.Context, address, token string, local bool) (*rejections, error) {
	r := &rejections{known: map[string]bool{}}
	var err error
	if strings.Contains(address, "://") {
		r.blobs, err = openContainer(address, token, local, nil)
	} else {
		r.blobs, err = openFolder(address, local)
	}
	if err != nil {
		return nil, err
	}
	names, err := r.blobs.list(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		r.known[name] = true
	}
	return r, nil
}

// added returns the rejections in blobs that have appeared since the last call.
func (r *rejections) added(ctx context.Context) (added, error) {
	names, err := r.blobs.list(ctx)
	if err != nil {
		return nil, err
	}
	found := added{}
	for _, name := range names {
		if r.known[name] {
			continue
		}
		content, err := r.blobs.read(ctx, name)
		if err != nil {
			return nil, err
		}
		var document rejected
		if err := json.Unmarshal(content, &document, lenient); err != nil {
			return nil, errors.New("a blob is not a document of rejected events: is this the container rejected-events?")
		}
		r.known[name] = true
		for _, entry := range document.Events {
			key := identity(entry.Event)
			found[key] = append(found[key], rejection{entry.Reason, entry.Written})
		}
	}
	return found, nil
}

type rejection struct {
	reason  string
	written bool
}

// added holds rejections by the identity of their event.
type added map[string][]rejection

// take returns one rejection of an event, and removes it: the same event may be
// in a batch several times.
func (a added) take(e event) (rejection, bool) {
	key := identity(e.text)
	found := a[key]
	if len(found) == 0 {
		return rejection{}, false
	}
	a[key] = found[1:]
	return found[0], true
}

// identity returns what an event has in common with its copy in rejected-events:
// the host writes its JSON again. Without an id that is the event as a whole.
func identity(text jsontext.Value) string {
	var e struct {
		ID        any `json:"id"`
		Type      any `json:"type"`
		EventType any `json:"eventType"`
	}
	var whole any
	if json.Unmarshal(text, &e, lenient) == nil && e.ID != nil {
		whole = e
	} else if json.Unmarshal(text, &whole, lenient) != nil {
		return string(text)
	}
	key, err := json.Marshal(whole, lenient, json.Deterministic(true))
	if err != nil {
		return string(text)
	}
	return string(key)
}

// folder is a folder whose files are blobs, as devhost stores them.
type folder string

// openFolder checks that the folder is there. devhost creates
// storage/blobs/rejected-events, from blobs on, with the first rejection.
func openFolder(name string, local bool) (folder, error) {
	if !local {
		return "", usageError("--rejected is a folder, but the app at --url is not on this machine: give the address of the container")
	}
	_, err := os.Stat(name)
	if storage, ok := strings.CutSuffix(filepath.ToSlash(name), "/blobs/rejected-events"); ok && err != nil {
		_, err = os.Stat(storage)
	}
	if err != nil {
		return "", usageError("--rejected: %w", err)
	}
	return folder(name), nil
}

func (f folder) list(context.Context) (names []string, err error) {
	err = fs.WalkDir(os.DirFS(string(f)), ".", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".json") {
			return err
		}
		if info, err := d.Info(); err == nil && info.Size() > 0 {
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

func (f folder) read(_ context.Context, name string) ([]byte, error) {
	return fs.ReadFile(os.DirFS(string(f)), name)
}
