package prove_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json/v2"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/azure"
	"whatsapp-functions/devhost/whatsapp"
	"whatsapp-functions/internal/testkit/azuritetest"
)

// timeScale is how many times faster than Azure's Event Grid's pauses pass
// here: the first is a tenth of a second.
const timeScale = 100

// stand is devhost with our app on real storage, and a ledger of what its
// topic has accepted.
type stand struct {
	t          *testing.T
	root, data string
	address    string
	environ    []string
	devhost    *exec.Cmd
	said       *output

	azurite     *azurite.Azurite
	azuriteData string
	// connection leads through the wire, direct past it.
	connection, direct string
	wire               wire
	proxies            proxies

	// ids are those of the messages that were accepted, refused of those that
	// were not.
	ids, refused []string
}

// newStand starts everything.
func newStand(t *testing.T, environ ...string) *stand {
	t.Helper()
	s := &stand{t: t, root: appFolder(t, nil), data: t.TempDir(), azuriteData: t.TempDir(), environ: environ, said: new(output)}
	s.startAzurite()
	s.proxies, s.connection = newProxies(t, &s.wire, s.direct)
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	s.address = listener.Addr().String()
	must(t, listener.Close())
	s.startDevhost()
	t.Cleanup(func() {
		s.wire.heal()
		s.stopDevhost()
	})
	return s
}

func (s *stand) startAzurite() {
	s.t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		azuritetest.Start(s.t, azurite.Options{}) // it skips
	}
	a, err := azurite.Start(s.t.Context(), azurite.Options{Folder: repository, Data: s.azuriteData})
	if err != nil {
		azuritetest.Start(s.t, azurite.Options{})
		s.t.Fatal(err)
	}
	s.azurite, s.direct = a, a.Connection
	s.t.Cleanup(a.Stop)
}

// restartAzurite starts it anew, with what it has stored.
func (s *stand) restartAzurite() {
	s.t.Helper()
	s.azurite.Stop()
	time.Sleep(500 * time.Millisecond)
	s.startAzurite()
	s.proxies.retarget(s.direct)
}

func (s *stand) startDevhost() {
	s.t.Helper()
	s.devhost = exec.Command(program(s.t, "devhost"), "run", "--app", s.root, "--data", s.data, "--address", s.address,
		"--time-scale", strconv.Itoa(timeScale), "--storage", s.connection)
	s.devhost.Env = append(os.Environ(), s.environ...)
	s.devhost.Stdout, s.devhost.Stderr = s.said, s.said
	must(s.t, s.devhost.Start())
	waitUntil(s.t, "devhost is ready", 30*time.Second, func() bool {
		response, err := http.Get("http://" + s.address + "/admin/host/status")
		if err == nil {
			_ = response.Body.Close()
		}
		return err == nil
	})
}

func (s *stand) stopDevhost() {
	_ = s.devhost.Process.Signal(os.Interrupt)
	_ = s.devhost.Wait()
}

func (s *stand) killDevhost() {
	_ = s.devhost.Process.Kill()
	_ = s.devhost.Wait()
}

// handlers are the ids of the handlers that run.
func (s *stand) handlers() (pids []int) {
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, link := range links {
		exe, _ := os.Readlink(link)
		stat, _ := os.ReadFile(filepath.Join(filepath.Dir(link), "stat"))
		if exe == filepath.Join(s.root, "bin", "handler") && !strings.Contains(string(stat), ") Z ") {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(link)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// handler waits for the one handler and returns its id.
func (s *stand) handler() (pid int) {
	s.t.Helper()
	waitUntil(s.t, "there is one handler", 30*time.Second, func() bool {
		pids := s.handlers()
		if len(pids) == 1 {
			pid = pids[0]
		}
		return len(pids) == 1
	})
	return pid
}

func (s *stand) kill(pid int) { must(s.t, syscall.Kill(pid, syscall.SIGKILL)) }

// handlerAddress is where the handler listens.
func (s *stand) handlerAddress() string {
	s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", s.handler()))
	must(s.t, err)
	for variable := range strings.SplitSeq(string(text), "\x00") {
		if port, ok := strings.CutPrefix(variable, "FUNCTIONS_CUSTOMHANDLER_PORT="); ok {
			return "127.0.0.1:" + port
		}
	}
	s.t.Fatal("the handler has no port")
	return ""
}

// event is one event with a message's id of its own, on the ledger.
func (s *stand) event(kind string, at time.Time, text string) string {
	s.t.Helper()
	var event whatsapp.Event
	var err error
	if kind == "text" {
		event, err = whatsapp.Message{Kind: "text", Text: text}.Event(at)
	} else {
		event, err = whatsapp.Status{Status: kind}.Event(at)
	}
	must(s.t, err)
	var data struct {
		MessageID string `json:"messageId"`
	}
	must(s.t, json.Unmarshal(event.Data, &data))
	s.ids = append(s.ids, data.MessageID)
	return string(event.In(whatsapp.CloudEvents))
}

// publish publishes batches of messages and failed statuses.
func (s *stand) publish(batches int) {
	s.t.Helper()
	for range batches {
		var batch []string
		for range 5 {
			batch = append(batch, s.event("text", time.Now(), "Hello"), s.event("failed", time.Now(), ""))
		}
		s.publishText("[" + strings.Join(batch, ",") + "]")
	}
}

func (s *stand) publishText(body string) {
	s.t.Helper()
	must(s.t, eventgrid.PublishTo(s.t.Context(), "http://"+s.address+eventgrid.Path, []byte(body)))
}

// deliver posts events to a function's webhook, past Event Grid.
func (s *stand) deliver(function, body string) int {
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, "http://"+s.address+"/runtime/webhooks/EventGrid?functionName="+function, strings.NewReader(body))
	if err != nil {
		return 0
	}
	request.Header.Set("aeg-event-type", "Notification")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// pending is how many events lie on disk on their way.
func (s *stand) pending() (n int) {
	_ = filepath.WalkDir(filepath.Join(s.data, "eventgrid"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".json") {
			n++
		}
		return nil
	})
	return n
}

// settle waits until all is delivered and returns how long that took.
func (s *stand) settle() time.Duration {
	s.t.Helper()
	started := time.Now()
	for end := started.Add(4 * time.Minute); s.pending() > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("%d events are still on their way:\n%s", s.pending(), tail(s.said.String()))
		}
	}
	return time.Since(started)
}

func tail(text string) string { return text[max(0, len(text)-4000):] }

// account is what became of the events on the ledger.
type account struct {
	events, lost, duplicateRows, repeatedMessages, kept int
}

// account looks every event up: in its row and its queue message, or in a blob
// of rejected events or dead letters.
func (s *stand) account() (a account) {
	s.t.Helper()
	store, err := azure.Open(s.t.Context(), s.direct)
	must(s.t, err)
	rows, blobs := map[string]int{}, new(bytes.Buffer)
	contents, err := storage.ReadContents(s.t.Context(), store)
	must(s.t, err)
	for _, table := range contents.Tables {
		for _, row := range table.Rows {
			id, ok := row.Column("MessageId").(string)
			if !ok {
				id = row.PartitionKey
			}
			rows[id]++
		}
	}
	for _, container := range contents.Containers {
		for _, blob := range container.Blobs {
			blobs.Write(blob.Content)
		}
	}
	queued := s.drain()
	kept := blobs.String()
	for _, id := range slices.Compact(slices.Sorted(slices.Values(s.ids))) {
		a.events++
		switch {
		case rows[id] > 0 && queued[id] > 0:
		case strings.Contains(kept, id):
			a.kept++
		default:
			a.lost++
			s.t.Errorf("%s is lost: %d rows, %d queue messages", id, rows[id], queued[id])
		}
		a.duplicateRows += max(0, rows[id]-1)
		a.repeatedMessages += max(0, queued[id]-1)
	}
	for _, id := range s.refused {
		if rows[id]+queued[id] > 0 {
			s.t.Errorf("%s was refused, and is written", id)
		}
	}
	return a
}

// drain takes all messages out of the queues, as a consumer does, and counts
// them by message.
func (s *stand) drain() map[string]int {
	s.t.Helper()
	service, err := azqueue.NewServiceClientFromConnectionString(s.direct, nil)
	must(s.t, err)
	counts := map[string]int{}
	for _, queue := range []string{"inbound-messages", "failed-messages"} {
		client, limit := service.NewQueueClient(queue), int32(32)
		for {
			page, err := client.DequeueMessages(s.t.Context(), &azqueue.DequeueMessagesOptions{NumberOfMessages: &limit})
			if err != nil && strings.Contains(err.Error(), "QueueNotFound") {
				break
			}
			must(s.t, err)
			if len(page.Messages) == 0 {
				break
			}
			for _, m := range page.Messages {
				text, err := base64.StdEncoding.DecodeString(*m.MessageText)
				must(s.t, err)
				var event struct {
					Data struct {
						MessageID string `json:"messageId"`
					} `json:"data"`
				}
				must(s.t, json.Unmarshal(text, &event))
				counts[event.Data.MessageID]++
			}
		}
	}
	return counts
}
