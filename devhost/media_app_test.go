package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json/v2"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/internal/testkit"
)

// mediaRequests makes both functions that take messages ask for files.
func mediaRequests(_, text string) string {
	return strings.Replace(text, `"bindings": [`, `"bindings": [
		{"type": "queue", "direction": "out", "name": "mediaRequests", "queueName": "media-requests", "connection": "ConversationStorage"},`, 1)
}

// askingApp makes an app folder whose handler asks for the files of messages.
func askingApp(t *testing.T) string {
	t.Helper()
	return appFolder(t, func(file, text string) string {
		if file == "AdvancedMessageTrigger/function.json" || file == "WebhookTrigger/function.json" {
			return mediaRequests(file, text)
		}
		return text
	})
}

// mediaApp makes a folder of the media app, and returns it with its program. A
// failed call is repeated after a second.
func mediaApp(t *testing.T) (folder, program string) {
	t.Helper()
	folder = t.TempDir()
	for _, name := range []string{"host.json", "local.settings.json", "MediaTrigger/function.json"} {
		text, err := os.ReadFile(filepath.Join(repository, "media", name))
		testkit.Must(t, err)
		text = bytes.Replace(text, []byte(`"visibilityTimeout": "00:00:30"`), []byte(`"visibilityTimeout": "00:00:01"`), 1)
		testkit.Must(t, os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o700))
		testkit.Must(t, os.WriteFile(filepath.Join(folder, name), text, 0o600))
	}
	built, err := filepath.EvalSymlinks(testkit.Program(t, "media"))
	testkit.Must(t, err)
	program = filepath.Join(folder, "bin", "media")
	testkit.Must(t, os.Mkdir(filepath.Dir(program), 0o700))
	// A program with another path identifies this process among those of other tests.
	content, err := os.ReadFile(built)
	testkit.Must(t, err)
	testkit.Must(t, os.WriteFile(program, content, 0o700))
	return folder, program
}

// startMedia starts an app with others beside it, until the test ends.
func startMedia(t *testing.T, root, data string, extra []string, with ...string) (*platform.Platform, *output) {
	t.Helper()
	shown := new(output)
	p, err := platform.Start(t.Context(), platform.Options{
		Folder: root, With: with, Data: data, Address: "127.0.0.1:0", Environ: append(environ(), extra...), Log: newLog(shown), TimeScale: 1000,
	})
	testkit.Must(t, err)
	t.Cleanup(p.Stop)
	return p, shown
}

// randomFile writes a file of random bytes. It returns its path and its hash.
func randomFile(t *testing.T, name string, size int) (path, hash string, content []byte) {
	t.Helper()
	content = make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(content)
	path = filepath.Join(t.TempDir(), name)
	testkit.Must(t, os.WriteFile(path, content, 0o600))
	sum := sha256.Sum256(content)
	return path, hex.EncodeToString(sum[:]), content
}

// sendFile runs devhost send.
func sendFile(t *testing.T, p *platform.Platform, args ...string) {
	t.Helper()
	var out output
	if code := run(t.Context(), append([]string{"devhost", "send", "--topic", p.URL()}, args...), environ(), &out, &out); code != 0 {
		t.Fatalf("exit code %d: %s", code, out.String())
	}
}

// results waits for results of the media app, and returns them.
func results(t *testing.T, p *platform.Platform, number int) (texts []string) {
	t.Helper()
	testkit.WaitUntil(t, fmt.Sprintf("%d results", number), func() bool {
		messages, err := p.Storage().Messages(t.Context(), "media-results")
		testkit.Must(t, err)
		texts = nil
		for _, m := range messages {
			texts = append(texts, string(m.Body))
		}
		return len(texts) >= number
	})
	return texts
}

// checkStored checks that there is one result, which reports a file of some content.
func checkStored(t *testing.T, p *platform.Platform, hash string) {
	t.Helper()
	texts := results(t, p, 1)
	var result struct {
		Type string `json:"type"`
		Data struct {
			Container string `json:"container"`
			Blob      string `json:"blob"`
			SHA256    string `json:"sha256"`
		} `json:"data"`
	}
	testkit.Must(t, json.Unmarshal([]byte(texts[0]), &result))
	if len(texts) != 1 || result.Type != "conversation.media.stored.v1" || result.Data.SHA256 != hash {
		t.Errorf("results: %s", strings.Join(texts, "\n"))
	}
	blobs, err := p.Storage().Blobs(t.Context(), "media")
	testkit.Must(t, err)
	if len(blobs) != 1 || blobs[0].Name != result.Data.Blob {
		t.Fatalf("%d blobs", len(blobs))
	}
	if sum := sha256.Sum256(blobs[0].Content); hex.EncodeToString(sum[:]) != hash {
		t.Error("the blob is not the file")
	}
}

// A file that is sent through either provider is stored, and shown in the
// conversation. An expired id is a failure.
func TestFileIsStored(t *testing.T) {
	t.Parallel()
	media, _ := mediaApp(t)
	path, hash, _ := randomFile(t, "photo.jpg", 300_000)
	for _, provider := range []string{"acs", "meta"} {
		t.Run(provider, func(t *testing.T) {
			p, _ := startMedia(t, askingApp(t), t.TempDir(), nil, media)
			sendFile(t, p, "image", "--file", path, "--provider", provider)
			checkStored(t, p, hash)
			address, err := publishAddress(p.URL(), providerACS)
			testkit.Must(t, err)
			live, err := http.Get(strings.Replace(address, "/events", "/simulator/live", 1))
			testkit.Must(t, err)
			defer live.Body.Close()
			start := make([]byte, 64<<10)
			n, err := live.Body.Read(start)
			testkit.Must(t, err)
			if !strings.Contains(string(start[:n]), `"state":"`+string(history.FileStored)+`"`) {
				t.Errorf("the conversation does not show the file: %s", start[:n])
			}
			sendFile(t, p, "--image", "--provider", provider) // its id is unknown
			failed := results(t, p, 2)[1]
			if !strings.Contains(failed, `"conversation.media.failed.v1"`) || !strings.Contains(failed, `"reason":"gone"`) {
				t.Error(failed)
			}
		})
	}
}

// A request waits for the media app, also while devhost is stopped.
func TestRequestWaits(t *testing.T) {
	t.Parallel()
	root, data := askingApp(t), t.TempDir()
	media, _ := mediaApp(t)
	path, hash, _ := randomFile(t, "voice.ogg", 20_000)
	p, _ := startMedia(t, root, data, nil)
	sendFile(t, p, "--file", path, "--wait")
	if n, err := p.Storage().Count(t.Context(), storage.Queues, "media-requests", 10); n != 1 || err != nil {
		t.Errorf("%d requests, %v", n, err)
	}
	p.Stop()
	p, _ = startMedia(t, root, data, nil, media)
	checkStored(t, p, hash)
}

// If the media app is killed in the middle of a large file, the file is stored
// later: once, and whole.
func TestKilledMediaApp(t *testing.T) {
	testkit.Long(t, "downloads a file of 50 MB twice")
	t.Parallel()
	linux(t)
	media, program := mediaApp(t)
	path, hash, content := randomFile(t, "film.mp4", 50<<20)
	half, killed := make(chan bool), make(chan bool)
	var interrupt sync.Once
	graph := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/file" {
			fmt.Fprintf(w, `{"url":"http://%s/file","mime_type":"video/mp4","sha256":%q,"file_size":%d,"id":"1"}`, r.Host, hash, len(content))
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = w.Write(content[:len(content)/2])
		interrupt.Do(func() {
			close(half)
			<-killed
		})
		_, _ = w.Write(content[len(content)/2:])
	}))
	t.Cleanup(graph.Close)
	p, _ := startMedia(t, askingApp(t), t.TempDir(), []string{"MEDIA_META_URL=" + graph.URL}, media)
	sendFile(t, p, "--file", path, "--provider", "meta") // with the hash of the file
	<-half
	testkit.Must(t, syscall.Kill(oneChild(t, os.Getpid(), program), syscall.SIGKILL))
	close(killed)
	if blobs, err := p.Storage().Blobs(t.Context(), "media"); len(blobs) != 0 || err != nil {
		t.Errorf("%d blobs after half of the file, %v", len(blobs), err)
	}
	checkStored(t, p, hash)
}
