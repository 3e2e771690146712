package host_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/internal/testkit"
)

// The recorded app: see testdata/host/README.md.
const (
	recordedHost = `{"version":"2.0","functionTimeout":"%s","customHandler":{"description":{"defaultExecutablePath":%q}},
		"extensionBundle":{"id":"Microsoft.Azure.Functions.ExtensionBundle","version":"[4.*, 5.0.0)"},"extensions":{"queues":{
		"maxPollingInterval":"00:00:01","visibilityTimeout":"00:00:01","maxDequeueCount":3,"batchSize":4,"newBatchThreshold":2}}}`
	recordedTrigger  = `{"type":"eventGridTrigger","direction":"in","name":"event"%s}`
	recordedSettings = `{"Values":{"AzureWebJobsStorage":"UseDevelopmentStorage=true","FUNCTIONS_WORKER_RUNTIME":"custom","` + recordingHandler + `":"1"}}`
	many             = `,"cardinality":"many"`
)

// recordedFunctions are the outputs of each function, and its cardinality.
var recordedFunctions = map[string]struct{ cardinality, outputs string }{
	"One":   {},
	"Many":  {many, ""},
	"Queue": {"", queueOutput("{data.n}")},
	"Blob":  {"", blobOutput("blobs/{data.n}")},
	"Table": {"", tableOutput("{data.n}")},
	"All":   {"", queueOutput("all-q") + blobOutput("all/{data.n}-{rand-guid}.txt") + tableOutput("AllT")},
	"Times": {"", blobOutput("times/{sys.utcnow:yyyy-MM-dd}/in/{data.n}.txt")},
	// No event has data.missing.
	"Missing":   {"", blobOutput("missing/{data.missing}.txt")},
	"QueueMany": {many, queueOutput("many-q") + blobOutput("many/{rand-guid}.json") + tableOutput("ManyT")},
}

func queueOutput(name string) string {
	return `,{"type":"queue","direction":"out","name":"q","queueName":"` + name + `"}`
}

func tableOutput(name string) string {
	return `,{"type":"table","direction":"out","name":"t","tableName":"` + name + `"}`
}

func blobOutput(path string) string {
	return `,{"type":"blob","direction":"out","name":"b","path":"` + path + `"}`
}

// recorded is a recorded post.
type recorded struct {
	Case       string            `json:"case"`
	Function   string            `json:"function"`
	Body       string            `json:"body"`
	BodyBase64 []byte            `json:"bodyBase64"`
	Headers    map[string]string `json:"headers"`
	Status     int               `json:"status"`
	Answer     string            `json:"answer"`
	AnswerType string            `json:"answerType"`
	Requests   []string          `json:"handlerGets"`
}

// The host answers every recorded post as the Functions host did, calls the
// handler with the same bytes, and leaves the same in storage.
func TestRecordedPosts(t *testing.T) {
	t.Parallel()
	store, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := startRecorded(t, store, "00:00:20")
	for _, p := range recordedPosts(t) {
		t.Run(p.Case+" "+p.Function, func(t *testing.T) {
			h := h
			if strings.HasPrefix(p.Answer, "Timeout") { // it takes as long
				h = startRecorded(t, store, "00:00:01")
				p.Answer = strings.Replace(p.Answer, "00:00:20", "00:00:01", 1)
			}
			if diff := cmp.Diff(p, h.play(p)); diff != "" {
				t.Errorf("want -, got +: %s", diff)
			}
		})
	}
	if diff := cmp.Diff(recordedContents(t), contents(t, store)); diff != "" {
		t.Errorf("storage: want -, got +: %s", diff)
	}
}

// recordedApp is a running host and what its handler got.
type recordedApp struct {
	webhook http.Handler
	mu      sync.Mutex
	results []host.Result
}

func startRecorded(t *testing.T, store storage.Storage, functionTimeout string) *recordedApp {
	t.Helper()
	functions := map[string]string{}
	for name, function := range recordedFunctions {
		functions[name] = fmt.Sprintf(recordedTrigger, function.cardinality) + function.outputs
	}
	r := &recordedApp{}
	h := r.start(t, store, functionTimeout, recordedSettings, functions)
	r.webhook = &host.Webhook{Functions: h, Log: zerolog.Nop()}
	return r
}

// start starts an app of functions with these bindings.
func (r *recordedApp) start(t *testing.T, store storage.Storage, functionTimeout, settings string, functions map[string]string) *host.Host {
	t.Helper()
	return r.startWith(t, host.Options{Storage: store, Queues: store}, functionTimeout, settings, functions)
}

// startWith is like start, with other options of the host.
func (r *recordedApp) startWith(t *testing.T, o host.Options, functionTimeout, settings string, functions map[string]string) *host.Host {
	t.Helper()
	program, err := os.Executable()
	testkit.Must(t, err)
	folder := t.TempDir()
	files := map[string]string{"host.json": fmt.Sprintf(recordedHost, functionTimeout, program), "local.settings.json": settings}
	for name, bindings := range functions {
		files[name+"/function.json"] = `{"bindings":[` + bindings + `]}`
	}
	for name, text := range files {
		file := filepath.Join(folder, name)
		testkit.Must(t, errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)))
	}
	o.App, err = app.Open(folder)
	testkit.Must(t, err)
	o.Environ, o.Invoked = os.Environ(), r.invoked
	h, err := host.Start(t.Context(), o)
	testkit.Must(t, err)
	t.Cleanup(h.Stop)
	return h
}

var changing = regexp.MustCompile(`"UtcNow":"[^"]*Z","RandGuid":"[0-9a-f-]{36}"`)

func (r *recordedApp) invoked(result host.Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results = append(r.results, result)
}

// play posts p and returns it with what happened.
func (r *recordedApp) play(p recorded) recorded {
	body := p.Body
	if p.BodyBase64 != nil {
		body = string(p.BodyBase64)
	}
	request := httptest.NewRequest(http.MethodPost, host.WebhookPath+"?functionName="+url.QueryEscape(p.Function), strings.NewReader(body))
	request.Header.Set("aeg-event-type", "Notification")
	for name, value := range p.Headers {
		request.Header.Set(name, value)
	}
	r.results = nil
	answer := httptest.NewRecorder()
	r.webhook.ServeHTTP(answer, request)
	r.mu.Lock()
	defer r.mu.Unlock()
	p.Status, p.Answer, p.AnswerType, p.Requests = answer.Code, answer.Body.String(), answer.Header().Get("Content-Type"), nil
	for _, result := range r.results {
		p.Requests = append(p.Requests, changing.ReplaceAllString(result.Exchange.Request, `"UtcNow":"<time>","RandGuid":"<guid>"`))
	}
	slices.Sort(p.Requests)
	return p
}

func recordedPosts(t *testing.T) (posts []recorded) {
	t.Helper()
	for _, p := range testkit.ReadRecording[recorded](t, "bridge.jsonl.gz", 476) {
		if len(p.Requests) == 0 {
			p.Requests = nil
		}
		slices.Sort(p.Requests) // events of one post are handled at the same time
		posts = append(posts, p)
	}
	return posts
}

// everything is the content of storage: texts of messages by queue, rows as
// text by table, and blobs in base64 by name.
type everything struct {
	Queues map[string][]string
	Tables map[string][]string
	Blobs  map[string]string
}

// guid and guidOrDay are what differs from run to run in a blob's name.
var (
	guid      = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	guidOrDay = regexp.MustCompile(guid.String() + `|\d{4}-\d\d-\d\d`)
)

func recordedContents(t *testing.T) everything {
	t.Helper()
	stored := testkit.ReadRecording[struct {
		Queues map[string][]struct{ Text string }
		Tables map[string][]map[string]any
		Blobs  map[string][]struct{ Name, Base64 string }
	}](t, "storage.json.gz", 1)[0]
	all := everything{map[string][]string{}, map[string][]string{}, map[string]string{}}
	for name, messages := range stored.Queues {
		for _, message := range messages {
			all.Queues[name] = append(all.Queues[name], message.Text)
		}
	}
	for name, rows := range stored.Tables {
		for _, row := range rows {
			columns := map[string]string{}
			for column, value := range row {
				switch value := value.(type) {
				case string:
					columns[strings.ToUpper(column[:1])+column[1:]] = value
				case map[string]any:
					columns[column] = fmt.Sprint(value["type"], " ", value["value"])
				}
			}
			all.Tables[name] = append(all.Tables[name], fmt.Sprint(columns))
		}
	}
	for container, blobs := range stored.Blobs {
		for _, blob := range blobs {
			all.Blobs[container+"/"+guidOrDay.ReplaceAllString(blob.Name, "*")] = blob.Base64
		}
	}
	return all
}

func contents(t *testing.T, store storage.Storage) everything {
	t.Helper()
	found, err := storage.ReadContents(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	all := everything{map[string][]string{}, map[string][]string{}, map[string]string{}}
	for _, queue := range found.Queues {
		for _, message := range queue.Messages {
			all.Queues[queue.Name] = append(all.Queues[queue.Name], dotnet.DecodeUTF8(message.Body))
		}
	}
	for _, table := range found.Tables {
		for _, row := range table.Rows {
			columns := map[string]string{"PartitionKey": row.PartitionKey, "RowKey": row.RowKey}
			for _, c := range row.Columns {
				columnType := strings.TrimPrefix(string(c.Type), "Edm.")
				if f, ok := c.Value.(float64); ok && f == float64(int32(f)) {
					columnType = "Int32" // so it was read: the table service returns 5.0 as 5
				}
				columns[c.Name] = fmt.Sprint(columnType, " ", c.Value)
			}
			all.Tables[table.Name] = append(all.Tables[table.Name], fmt.Sprint(columns))
		}
	}
	for _, container := range found.Containers {
		for _, blob := range container.Blobs {
			all.Blobs[container.Name+"/"+guidOrDay.ReplaceAllString(blob.Name, "*")] = base64.StdEncoding.EncodeToString(blob.Content)
		}
	}
	return all
}

// An answer counts if it arrives, also at the deadline.
func TestAnswersAtTheDeadline(t *testing.T) {
	t.Parallel()
	store, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	app := startRecorded(t, store, "00:00:01")
	var events []string
	for i := range 60 {
		events = append(events, fmt.Sprintf(`{"data":{"echo":{"delay":%g}}}`, 0.97+float64(i)/1000))
	}
	app.play(recorded{Function: "One", Body: "[" + strings.Join(events, ",") + "]"})
	if len(app.results) != len(events) {
		t.Errorf("%d results", len(app.results))
	}
	for _, result := range app.results {
		if result.Exchange.Response == "{}" && result.Err != nil {
			t.Errorf("answered after %s, and failed: %v", result.Answered, result.Err)
		}
	}
}
