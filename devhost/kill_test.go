package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json/v2"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/devhost/whatsapp"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/internal/testkit/azuritetest"
)

// batchSize is the number of messages, and of statuses, in a batch.
const batchSize = 5

// accepted holds the ids of the messages, and of the failed statuses, that a topic
// has accepted.
type accepted struct {
	messages, statuses []string
}

// publish publishes a batch. A batch that is not accepted does not count.
func (p *accepted) publish(t *testing.T, topic string) {
	t.Helper()
	var batch []string
	var messages, statuses []string
	for range batchSize {
		message, err := whatsapp.Message{Kind: "text", Text: "Hello"}.Event(time.Now())
		testkit.Must(t, err)
		status, err := whatsapp.Status{Status: "failed"}.Event(time.Now())
		testkit.Must(t, err)
		batch = append(batch, string(message.In(whatsapp.CloudEvents)), string(status.In(whatsapp.CloudEvents)))
		messages, statuses = append(messages, messageID(t, message)), append(statuses, messageID(t, status))
	}
	if err := eventgrid.PublishTo(t.Context(), topic, []byte("["+strings.Join(batch, ",")+"]")); err != nil {
		t.Logf("not accepted: %s", err)
		return
	}
	p.messages, p.statuses = append(p.messages, messages...), append(p.statuses, statuses...)
}

func messageID(t *testing.T, event whatsapp.Event) string {
	t.Helper()
	var data struct {
		MessageID string `json:"messageId"`
	}
	testkit.Must(t, json.Unmarshal(event.Data, &data))
	return data.MessageID
}

// check requires that each accepted event has one row and at least one queue
// message, or is a dead letter.
func (p *accepted) check(t *testing.T, store storage.Storage, queues map[string][]storage.Message) {
	t.Helper()
	c, err := storage.ReadContents(t.Context(), store)
	testkit.Must(t, err)
	rows, queued, dead := map[string]int{}, map[string]int{}, new(bytes.Buffer)
	for _, table := range c.Tables {
		for _, row := range table.Rows {
			if id, ok := row.Column("MessageId").(string); ok {
				rows[id]++
			} else {
				rows[row.PartitionKey]++
			}
		}
	}
	for _, messages := range queues {
		for _, message := range messages {
			var event struct {
				Data struct {
					MessageID string `json:"messageId"`
				} `json:"data"`
			}
			testkit.Must(t, json.Unmarshal(message.Body, &event))
			queued[event.Data.MessageID]++
		}
	}
	for _, container := range c.Containers {
		for _, blob := range container.Blobs {
			dead.Write(blob.Content)
		}
	}
	repeated, deadLetters := 0, 0
	for _, id := range append(p.messages, p.statuses...) {
		switch {
		case strings.Contains(dead.String(), id):
			deadLetters++
		case rows[id] != 1 || queued[id] < 1:
			t.Errorf("%s is in %d rows and %d queue messages", id, rows[id], queued[id])
		}
		repeated += max(0, queued[id]-1)
	}
	t.Logf("%d events accepted, %d dead letters, %d queue messages repeated", len(p.messages)+len(p.statuses), deadLetters, repeated)
}

// readQueues reads all messages of all queues.
func readQueues(t *testing.T, store storage.Storage) map[string][]storage.Message {
	t.Helper()
	c, err := storage.ReadContents(t.Context(), store)
	testkit.Must(t, err)
	all := map[string][]storage.Message{}
	for _, queue := range c.Queues {
		all[queue.Name] = queue.Messages
	}
	return all
}

// drain takes all messages out of the queues that the app writes to, as a
// consumer does.
func drain(t *testing.T, connection string) map[string][]storage.Message {
	t.Helper()
	service, err := azqueue.NewServiceClientFromConnectionString(connection, nil)
	testkit.Must(t, err)
	all := map[string][]storage.Message{}
	for _, queue := range []string{"inbound-messages", "failed-messages"} {
		limit := int32(32)
		for {
			page, err := service.NewQueueClient(queue).DequeueMessages(t.Context(), &azqueue.DequeueMessagesOptions{NumberOfMessages: &limit})
			testkit.Must(t, err)
			if len(page.Messages) == 0 {
				break
			}
			for _, m := range page.Messages {
				body, err := base64.StdEncoding.DecodeString(*m.MessageText)
				testkit.Must(t, err)
				all[queue] = append(all[queue], storage.Message{Body: body})
			}
		}
	}
	return all
}

// If the handler is killed during a delivery, its events are written later.
func TestKilledHandler(t *testing.T) {
	t.Parallel()
	p, all := killHandler(t, platform.Embedded)
	all.check(t, p.Storage(), readQueues(t, p.Storage()))
}

func TestKilledHandlerOnAzurite(t *testing.T) {
	testkit.Long(t, "TestKilledHandler again, on Azurite")
	t.Parallel()
	connection := azuritetest.Start(t, azurite.Options{}).Connection
	p, all := killHandler(t, connection)
	all.check(t, p.Storage(), drain(t, connection))
}

// killHandler publishes events and kills the handler, until twenty kills have
// interrupted a delivery.
func killHandler(t *testing.T, store string) (*platform.Platform, accepted) {
	t.Helper()
	linux(t)
	root := appFolder(t, nil)
	program, err := filepath.EvalSymlinks(filepath.Join(root, "bin/handler"))
	testkit.Must(t, err)
	// A program with another path identifies this handler among those of other tests.
	own := filepath.Join(root, "bin/own")
	testkit.Must(t, os.Link(program, own))
	testkit.Must(t, os.Rename(own, filepath.Join(root, "bin/handler")))
	shown := new(output)
	p, err := platform.Start(t.Context(), platform.Options{
		Folder: root, Address: "127.0.0.1:0", Storage: store, Environ: environ(), Log: newLog(shown), TimeScale: 1000,
	})
	testkit.Must(t, err)
	t.Cleanup(p.Stop)
	var all accepted
	const wanted, most = 20, 60
	hits, kills := 0, 0
	for ; hits < wanted && kills < most; kills++ {
		testkit.WaitUntil(t, "all is delivered", func() bool { return p.Pending() == 0 })
		// A stopped handler receives the delivery and does nothing.
		pid := oneChild(t, os.Getpid(), filepath.Join(root, "bin/handler"))
		failed := strings.Count(shown.String(), "invocation failed")
		testkit.Must(t, syscall.Kill(pid, syscall.SIGSTOP))
		all.publish(t, p.Topic())
		time.Sleep(20 * time.Millisecond)
		testkit.Must(t, syscall.Kill(pid, syscall.SIGKILL))
		hit := func() bool { return strings.Count(shown.String(), "invocation failed") > failed }
		testkit.WaitUntil(t, "a delivery fails, or the next handler gets it", func() bool { return hit() || p.Pending() == 0 })
		if hit() { // on a busy machine the delivery may come after the kill
			hits++
		}
	}
	if hits < wanted {
		t.Errorf("only %d of %d kills interrupted a delivery", hits, kills)
	}
	testkit.WaitUntil(t, "all is delivered", func() bool { return p.Pending() == 0 })
	if len(all.messages) != kills*batchSize {
		t.Errorf("%d messages were accepted", len(all.messages))
	}
	return p, all
}

// If devhost is killed, the next one continues: all accepted events are written,
// and no handler of the killed devhost is left.
func TestKilledDevhost(t *testing.T) {
	testkit.Long(t, "kills devhost five times")
	t.Parallel()
	linux(t)
	root, data := appFolder(t, nil), t.TempDir()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	testkit.Must(t, err)
	address := listener.Addr().String()
	testkit.Must(t, listener.Close())
	self, err := os.Executable()
	testkit.Must(t, err)
	var all accepted
	for range 5 {
		devhost := startDevhost(t, self, root, data, address)
		for range 20 {
			all.publish(t, "http://"+address+eventgrid.Path)
		}
		// Some of the last batches are still being delivered.
		testkit.Must(t, devhost.Process.Kill())
		_ = devhost.Wait()
	}
	if pending(t, data) == 0 {
		t.Error("no delivery was pending when devhost was killed")
	}
	devhost := startDevhost(t, self, root, data, address)
	testkit.WaitUntil(t, "all is delivered", func() bool { return pending(t, data) == 0 })
	testkit.Must(t, devhost.Process.Signal(os.Interrupt))
	testkit.Must(t, devhost.Wait())
	if len(all.messages) != 5*20*batchSize {
		t.Errorf("%d messages were accepted", len(all.messages))
	}
	store, err := embedded.Open(filepath.Join(data, "storage"))
	testkit.Must(t, err)
	all.check(t, store, readQueues(t, store))
	binary, err := filepath.EvalSymlinks(filepath.Join(root, "bin/handler"))
	testkit.Must(t, err)
	testkit.WaitUntil(t, "no handler is left", func() bool { return len(orphans(t, binary, data)) == 0 })
}

// startDevhost starts devhost as a process and waits until it is ready.
func startDevhost(t *testing.T, self, root, data, address string) *exec.Cmd {
	t.Helper()
	devhost := exec.Command(self, "run", "--app", root, "--data", data, "--address", address, "--time-scale", "1000")
	devhost.Env = append(os.Environ(), envMain+"=1", "DEVHOST_TEST_DATA="+data)
	testkit.Must(t, devhost.Start())
	t.Cleanup(func() { _ = devhost.Process.Kill() })
	testkit.WaitUntil(t, "devhost is ready", func() bool {
		response, err := http.Get("http://" + address + "/admin/host/status")
		if err == nil {
			_ = response.Body.Close()
		}
		return err == nil
	})
	return devhost
}

// pending returns the number of events that are stored on disk.
func pending(t *testing.T, data string) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(filepath.Join(data, "eventgrid"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".json") {
			n++
		}
		return nil
	})
	testkit.Must(t, err)
	return n
}
