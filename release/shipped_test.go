package main

import (
	"archive/zip"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
)

// TestTheZipRuns checks that the files of both zips, unpacked as Azure does, run
// under devhost: a delivery to each function is accepted, nothing is rejected, and
// the media app reports a result. The test reads the app's own function.json,
// customised or not.
func TestTheZipRuns(t *testing.T) {
	archive := release(t, "--app", repository, "--os", runtime.GOOS, "--arch", runtime.GOARCH)
	app := unpack(t, open(t, archive))
	for _, file := range []string{"local.settings.json", "infra/subscriptions.json"} {
		text, err := os.ReadFile(filepath.Join(repository, file))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(app, file), text, 0o644)
	}
	media := unpack(t, open(t, release(t, "--app", repository, "--media", "--os", runtime.GOOS, "--arch", runtime.GOARCH)))
	settings, err := os.ReadFile(filepath.Join(repository, "media/local.settings.json"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(media, "local.settings.json"), settings, 0o644)
	url, data := startDevhost(t, app, "--with", media)
	for function, sample := range map[string]string{"AdvancedMessageTrigger": "eg_received_text", "StatusTrigger": "eg_status_failed_131047"} {
		text, err := os.ReadFile(filepath.Join(repository, "testdata/events", sample+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if status := testkit.Deliver(t, url+"/runtime/webhooks/EventGrid?functionName="+function, string(text)); status != http.StatusAccepted {
			t.Errorf("%s: the delivery is answered %d", function, status)
		}
	}
	files := 0
	err = filepath.WalkDir(filepath.Join(data, "storage"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), `"reason"`) {
			t.Errorf("an event was rejected: %s", text)
		}
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files in storage: %v", files, err)
	}
	// A customised app may not request files.
	if strings.Contains(string(content(t, archive, "AdvancedMessageTrigger/function.json")), `"mediaRequests"`) {
		checkMedia(t, url, data)
	}
}

// checkMedia checks that the media app reports that a file is gone, which devhost
// does not have.
func checkMedia(t *testing.T, url, data string) {
	t.Helper()
	event, err := os.ReadFile(filepath.Join(repository, "testdata/events/eg_received_image.json"))
	if err != nil {
		t.Fatal(err)
	}
	if status := testkit.Deliver(t, url+"/runtime/webhooks/EventGrid?functionName=AdvancedMessageTrigger", string(event)); status != http.StatusAccepted {
		t.Errorf("the delivery of an image is answered %d", status)
	}
	testkit.WaitUntil(t, "the media app reports a result", func() bool {
		results, err := filepath.Glob(filepath.Join(data, "storage/queues/media-results/*"))
		if err != nil || len(results) == 0 {
			return false
		}
		text, err := os.ReadFile(results[0])
		return err == nil && strings.Contains(string(text), "conversation.media.failed.v1") && strings.Contains(string(text), "gone")
	})
}

// unpack writes the files of a zip, with their modes, to a folder.
func unpack(t *testing.T, archive *zip.Reader) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for _, file := range archive.File {
		text, err := fs.ReadFile(archive, file.Name)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, filepath.FromSlash(file.Name)), text, file.Mode())
	}
	return folder
}

func write(t *testing.T, file string, text []byte, mode fs.FileMode) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if err == nil {
		err = os.WriteFile(file, text, mode)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// startDevhost runs devhost with an app folder until the test ends, and waits
// until it answers.
func startDevhost(t *testing.T, app string, flags ...string) (url, data string) {
	t.Helper()
	address, data := testkit.FreeAddress(t), t.TempDir()
	var output testkit.Buffer
	devhost := exec.Command(testkit.Program(t, "devhost"), append([]string{"run", "--app", app, "--data", data, "--address", address, "--storage", "embedded"}, flags...)...)
	devhost.Stdout, devhost.Stderr = &output, &output
	if err := devhost.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = devhost.Process.Signal(os.Interrupt)
		_ = devhost.Wait()
		if t.Failed() {
			t.Log(output.String())
		}
	})
	testkit.WaitForHost(t, address)
	return "http://" + address, data
}
