package prove_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json/v2"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/mediaserver"
	"whatsapp-functions/devhost/simulator"
	"whatsapp-functions/devhost/whatsapp"
	"whatsapp-functions/internal/testkit"
)

// mediaStack is a stack with the media app beside the app.
type mediaStack struct {
	*stack
	media string // folder of the media app
	// files are those that were sent, by media id.
	files map[string]sentFile
}

// sentFile is the file of a message that was sent.
type sentFile struct {
	sha256  string
	size    int64
	expired bool
}

// mediaFault is one thing that goes wrong while files are downloaded and stored.
type mediaFault struct {
	name  string
	cause func(s *mediaStack)
}

var mediaFaults = []mediaFault{
	{"media app killed during downloads", func(s *mediaStack) {
		s.slowly(func() { s.kill(s.running(s.media, "media")) })
	}},
	{"media app killed three times: a new host instance", func(s *mediaStack) {
		for range 3 {
			s.slowly(func() {
				pid := s.running(s.media, "media")
				s.kill(pid)
				testkit.WaitUntil(s.t, "the media app is gone", func() bool { return !slices.Contains(s.mediaApps(), pid) })
			})
		}
	}},
	{"media app stopped for 5 seconds", func(s *mediaStack) {
		pid := s.running(s.media, "media")
		testkit.Must(s.t, syscall.Kill(pid, syscall.SIGSTOP))
		s.sendFiles()
		time.Sleep(5 * time.Second)
		testkit.Must(s.t, syscall.Kill(pid, syscall.SIGCONT))
	}},
	{"devhost stopped and started again during downloads", func(s *mediaStack) {
		s.slowly(func() {
			s.stopDevhost()
			s.startDevhost()
		})
	}},
	// If queues refuse connections too, the host can neither delete a request nor
	// make it visible, and it is called again only after 10 minutes.
	{"blobs refuse connections", func(s *mediaStack) {
		s.sendFiles()
		s.proxies["Blob"].down.Store(true)
		time.Sleep(2 * time.Second)
		s.proxies.reset()
	}},
	{"storage hangs for 5 seconds", func(s *mediaStack) {
		s.sendFiles()
		s.proxies.set(func(p *proxy) { p.hangs.Store(true) })
		time.Sleep(5 * time.Second)
		s.proxies.reset()
	}},
	{"storage closes a connection at every hundredth chunk", func(s *mediaStack) {
		s.proxies.set(func(p *proxy) { p.broken.Store(1) })
		s.sendFiles()
		time.Sleep(5 * time.Second)
		s.proxies.reset()
	}},
	{"storage stopped and started again", func(s *mediaStack) {
		s.sendFiles()
		s.restartAzurite()
	}},
	{"half of the events and requests delivered twice", func(s *mediaStack) {
		s.setFaults(`{"duplicates":0.5}`)
		s.sendFiles()
		s.settle()
		s.setFaults(`{}`)
	}},
}

// TestMediaFaults checks that after each fault the file of every message is stored
// whole, or its result says why it is not.
func TestMediaFaults(t *testing.T) {
	testkit.Long(t, "runs devhost, the media app and Azurite once for each fault")
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		testkit.Skip(t, "there is no /proc to find processes in")
	}
	for _, f := range mediaFaults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s := newMediaStack(t)
			for range *attempts {
				f.cause(s)
				s.settle()
			}
			s.sendFiles()
			s.settle()
			s.checkFiles()
		})
	}
}

// newMediaStack starts both apps on Azurite.
func newMediaStack(t *testing.T) *mediaStack {
	t.Helper()
	s := &mediaStack{
		stack: &stack{t: t, azuriteData: t.TempDir()},
		media: installMediaApp(t), files: map[string]sentFile{},
	}
	s.with = []string{"--with", s.media}
	s.startAzurite()
	s.proxies, s.connection = newProxies(t, s.direct)
	s.start()
	return s
}

// installMediaApp returns a folder with the media app of this repository. Its host
// calls a failed request again after a second.
func installMediaApp(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	testkit.Must(t, os.CopyFS(filepath.Join(folder, "MediaTrigger"), os.DirFS(filepath.Join(testkit.Root(t), "media", "MediaTrigger"))))
	for file, text := range map[string]string{
		"host.json": `{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"bin/media"}},
			"extensionBundle":{"id":"Microsoft.Azure.Functions.ExtensionBundle","version":"[4.*, 5.0.0)"},
			"extensions":{"queues":{"visibilityTimeout":"00:00:01","maxPollingInterval":"00:00:01","batchSize":2,"newBatchThreshold":1,"maxDequeueCount":100}}}`,
		"local.settings.json": `{"IsEncrypted":false,"Values":{"FUNCTIONS_WORKER_RUNTIME":"custom",
			"AzureWebJobsStorage":"UseDevelopmentStorage=true","ConversationStorage":"UseDevelopmentStorage=true","MEDIA_META_TOKENS":"local-token"}}`,
	} {
		testkit.Must(t, os.WriteFile(filepath.Join(folder, file), []byte(text), 0o644))
	}
	program, err := os.ReadFile(testkit.Program(t, "media"))
	testkit.Must(t, err)
	testkit.Must(t, os.Mkdir(filepath.Join(folder, "bin"), 0o755))
	testkit.Must(t, os.WriteFile(filepath.Join(folder, "bin", "media"), program, 0o755))
	return folder
}

// mediaApps returns the process ids of the running media apps.
func (s *mediaStack) mediaApps() []int { return processes(filepath.Join(s.media, "bin", "media")) }

// slowly sends files while storage is slow, and calls during when files are being
// stored.
func (s *mediaStack) slowly(during func()) {
	s.t.Helper()
	s.proxies["Blob"].delay.Store(int64(5 * time.Millisecond))
	before := s.proxies["Blob"].passed.Load()
	s.sendFiles()
	testkit.WaitUntil(s.t, "files are being stored", func() bool { return s.proxies["Blob"].passed.Load() > before+100 })
	during()
	s.proxies.reset()
}

// sendFiles sends messages with files, half of them as Meta: small ones, one that is
// stored in several blocks, and one whose id is expired.
func (s *mediaStack) sendFiles() {
	s.t.Helper()
	for i, size := range []int{1_000, 1_000, 9_000_000, 9_000_000, 100, 100} {
		file := s.upload(size)
		expired := size == 100
		if expired {
			s.expire(file.ID)
		}
		s.files[file.ID] = sentFile{sha256: file.SHA256Hex, size: file.Size, expired: expired}
		message := whatsapp.Message{Kind: "document", Media: &whatsapp.Media{ID: file.ID, MimeType: file.MimeType, SHA256: file.SHA256}}
		if i%2 == 0 {
			event, err := message.Event(time.Now())
			testkit.Must(s.t, err)
			s.publishBody(string(event.In(whatsapp.CloudEvents)))
			continue
		}
		body, err := message.Webhook(time.Now())
		testkit.Must(s.t, err)
		testkit.Must(s.t, eventgrid.PublishTo(s.t.Context(), "http://"+s.address+eventgrid.MetaPath, body))
	}
}

// upload gives devhost a file of random bytes, which it serves as the providers do.
func (s *mediaStack) upload(size int) (file mediaserver.File) {
	s.t.Helper()
	content := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{byte(len(s.files)), byte(len(s.files) >> 8)}).Read(content)
	response, err := http.Post("http://"+s.address+simulator.Prefix+"media?name=file.bin", "application/octet-stream", bytes.NewReader(content))
	testkit.Must(s.t, err)
	defer response.Body.Close()
	testkit.Must(s.t, json.UnmarshalRead(response.Body, &file))
	if sum := sha256.Sum256(content); file.SHA256Hex != hex.EncodeToString(sum[:]) {
		s.t.Fatalf("upload: status %d, %+v", response.StatusCode, file)
	}
	return file
}

// expire removes an uploaded file.
func (s *mediaStack) expire(id string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodDelete, "http://"+s.address+simulator.Prefix+"media/"+id, nil)
	testkit.Must(s.t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	testkit.Must(s.t, err)
	_ = response.Body.Close()
	if response.StatusCode/100 != 2 {
		s.t.Fatalf("expire: status %d", response.StatusCode)
	}
}

// settle waits until all events are delivered and no request is left.
func (s *mediaStack) settle() {
	s.t.Helper()
	s.stack.settle()
	service, err := azqueue.NewServiceClientFromConnectionString(s.direct, nil)
	testkit.Must(s.t, err)
	testkit.WaitUntil(s.t, "no media request is left", func() bool {
		properties, err := service.NewQueueClient("media-requests").GetProperties(s.t.Context(), nil)
		return err == nil && *properties.ApproximateMessagesCount == 0
	})
}

// result is the data of a media result.
type result struct {
	Type string `json:"type"`
	Data struct {
		Media struct {
			ID string `json:"id"`
		} `json:"media"`
		Container string `json:"container"`
		Blob      string `json:"blob"`
		Size      int64  `json:"size"`
		SHA256    string `json:"sha256"`
		Reason    string `json:"reason"`
	} `json:"data"`
}

// checkFiles checks the results and the blobs of all messages.
func (s *mediaStack) checkFiles() {
	s.t.Helper()
	results, repeated := s.results()
	blobs, err := azblob.NewClientFromConnectionString(s.direct, nil)
	testkit.Must(s.t, err)
	stored, failed := 0, 0
	for id, file := range s.files {
		r, ok := results[id]
		switch {
		case !ok:
			s.t.Errorf("%s has no result", id)
		case file.expired:
			failed++
			if r.Type != "conversation.media.failed.v1" || r.Data.Reason != "gone" {
				s.t.Errorf("%s is expired, and its result is %+v", id, r)
			}
		case r.Type != "conversation.media.stored.v1" || r.Data.Size != file.size || r.Data.SHA256 != file.sha256:
			s.t.Errorf("%s is %+v, and its result %+v", id, file, r)
		default:
			stored++
			download, err := blobs.DownloadStream(s.t.Context(), r.Data.Container, r.Data.Blob, nil)
			testkit.Must(s.t, err)
			hash := sha256.New()
			_, err = io.Copy(hash, download.Body)
			testkit.Must(s.t, err)
			if got := hex.EncodeToString(hash.Sum(nil)); got != file.sha256 {
				s.t.Errorf("the blob of %s has the hash %s, want %s", id, got, file.sha256)
			}
		}
	}
	s.t.Logf("%d files, %d stored, %d gone, %d results repeated", len(s.files), stored, failed, repeated)
}

// results takes all results out of their queue. A request in the poison queue fails
// the test.
func (s *mediaStack) results() (results map[string]result, repeated int) {
	s.t.Helper()
	service, err := azqueue.NewServiceClientFromConnectionString(s.direct, nil)
	testkit.Must(s.t, err)
	if poison, err := service.NewQueueClient("media-requests-poison").GetProperties(s.t.Context(), nil); err == nil && *poison.ApproximateMessagesCount > 0 {
		s.t.Errorf("%d requests are in the poison queue", *poison.ApproximateMessagesCount)
	}
	results = map[string]result{}
	client, limit := service.NewQueueClient("media-results"), int32(32)
	for {
		page, err := client.DequeueMessages(s.t.Context(), &azqueue.DequeueMessagesOptions{NumberOfMessages: &limit})
		testkit.Must(s.t, err)
		if len(page.Messages) == 0 {
			return results, repeated
		}
		for _, m := range page.Messages {
			text, err := base64.StdEncoding.DecodeString(*m.MessageText)
			testkit.Must(s.t, err)
			var r result
			testkit.Must(s.t, json.Unmarshal(text, &r))
			if before, ok := results[r.Data.Media.ID]; ok {
				repeated++
				if before != r {
					s.t.Errorf("%s has two results: %+v and %+v", r.Data.Media.ID, before, r)
				}
			}
			results[r.Data.Media.ID] = r
		}
	}
}
