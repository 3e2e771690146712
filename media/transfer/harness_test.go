package transfer_test

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/blobservice"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/media/download"
	"whatsapp-functions/media/meta"
	"whatsapp-functions/media/store"
	"whatsapp-functions/media/transfer"
)

// blobService returns the connection string of devhost's Blob service.
func blobService(t *testing.T) string {
	t.Helper()
	account, err := embedded.Open(t.TempDir())
	testkit.Must(t, err)
	account.Folder.NoSync = true
	server := httptest.NewServer(&blobservice.Service{Storage: account})
	t.Cleanup(server.Close)
	return blobservice.ConnectionString(server.URL)
}

// fast are the options of a download that does not wait between attempts.
var fast = download.Options{RetryDelay: time.Millisecond}

// app is the media app with a stand-in for Meta.
type app struct {
	t          *testing.T
	connection string
	container  string
	server     http.Handler
	log        *testkit.Buffer
}

// appOptions change the app.
type appOptions struct {
	tokens  string
	maxSize int64
	// silence is how long a server may send nothing.
	silence   time.Duration
	transport policy.Transporter
	acs       transfer.Provider
}

// newApp starts the app, with a container of its own.
func newApp(t *testing.T, connection string, g *graph, o appOptions) *app {
	t.Helper()
	a := &app{t: t, connection: connection, log: &testkit.Buffer{}}
	a.container = "c" + hashOf([]byte(t.Name()))[:20]
	if o.tokens == "" {
		o.tokens = token
	}
	if o.maxSize == 0 {
		o.maxSize = 100 << 20
	}
	tokens, err := meta.ParseTokens(o.tokens)
	testkit.Must(t, err)
	s, err := store.OpenConnection(connection, a.container, store.Options{
		Retry: &policy.RetryOptions{MaxRetries: 2, RetryDelay: time.Millisecond}, Transport: o.transport,
	})
	testkit.Must(t, err)
	function := &transfer.Transfer{ACS: o.acs, Store: s, MaxSize: o.maxSize}
	if g != nil {
		options := fast
		options.Silence = o.silence
		function.Meta = meta.New(g.base(t), meta.Version, tokens, options)
	}
	// function.json is that of the repository.
	opened, err := bridge.Open("..", []bridge.Function{function.Function()})
	testkit.Must(t, err)
	a.server = &bridge.Server{App: opened, MaxBody: 1 << 20, Log: zerolog.New(a.log).Level(zerolog.DebugLevel)}
	return a
}

// requestOf returns a media request, with more fields of data.media.
func requestOf(source, media string) string {
	return fmt.Sprintf(`{"specversion":"1.0","type":"conversation.media.requested.v1","id":"wamid.A:media","source":%q,"subject":"wamid.A",`+
		`"time":"2026-11-20T09:15:01.0000000Z","datacontenttype":"application/json","data":{"eventId":"wamid.A","messageId":"wamid.A",`+
		`"channel":{"type":"whatsapp","id":%q},"media":{"id":%q%s,"fileName":"Jane-Doe-Invoice.pdf"},"blob":%q}}`, source, phoneID, mediaID, media, blobName)
}

const blobName = phoneID + "/b206888b1d6c5a161a70ea45add4528b.jpg"

// fromMeta is a request for a file of Meta without a hash.
var fromMeta = requestOf("urn:meta:whatsapp:"+account, "")

// call calls the function for a queue message, as the host does, and returns the
// status of the answer and the results.
func (a *app) call(message string) (status int, results []string) {
	a.t.Helper()
	once, err := jsontext.AppendQuote(nil, message)
	testkit.Must(a.t, err)
	twice, err := jsontext.AppendQuote(nil, once)
	testkit.Must(a.t, err)
	r := httptest.NewRequestWithContext(a.t.Context(), http.MethodPost, "/"+transfer.Name,
		strings.NewReader(`{"Data":{"request":`+string(twice)+`},"Metadata":{"DequeueCount":"1"}}`))
	w := httptest.NewRecorder()
	a.server.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		return w.Code, nil
	}
	var answer struct {
		Outputs struct {
			MediaResults []string `json:"mediaResults"`
		} `json:"Outputs"`
	}
	testkit.Must(a.t, json.Unmarshal(w.Body.Bytes(), &answer))
	for _, text := range answer.Outputs.MediaResults {
		checkSchema(a.t, text)
	}
	return w.Code, answer.Outputs.MediaResults
}

// result is the part of a result that differs.
type result struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Time string `json:"time"`
	Data struct {
		Container string `json:"container"`
		Blob      string `json:"blob"`
		Size      int64  `json:"size"`
		SHA256    string `json:"sha256"`
		MIMEType  string `json:"mimeType"`
		Reason    string `json:"reason"`
		Detail    string `json:"detail"`
		Status    int    `json:"status"`
	} `json:"data"`
}

func decode(t testing.TB, text string) (r result) {
	t.Helper()
	testkit.Must(t, json.Unmarshal([]byte(text), &r))
	return r
}

// outcome describes an answer in a line: "stored 5", "failed gone 404", "500".
func (a *app) outcome(message string) string {
	a.t.Helper()
	status, results := a.call(message)
	if status != http.StatusOK {
		return fmt.Sprint(status)
	}
	if len(results) != 1 {
		return fmt.Sprintf("%d results", len(results))
	}
	r := decode(a.t, results[0])
	switch r.Type {
	case "conversation.media.stored.v1":
		return fmt.Sprintf("stored %d", r.Data.Size)
	case "conversation.media.failed.v1":
		return fmt.Sprintf("failed %s %d", r.Data.Reason, r.Data.Status)
	default:
		return r.Type
	}
}

// blob returns the content of the blob, and nil if there is none.
func (a *app) blob() []byte {
	a.t.Helper()
	client, err := azblob.NewClientFromConnectionString(a.connection, nil)
	testkit.Must(a.t, err)
	answer, err := client.DownloadStream(a.t.Context(), a.container, blobName, nil)
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	testkit.Must(a.t, err)
	return content
}

// expectBlob compares the blob with a file; nil means that there must be no blob.
func (a *app) expectBlob(want []byte) {
	a.t.Helper()
	if got := a.blob(); !bytes.Equal(got, want) || (got == nil) != (want == nil) {
		a.t.Errorf("the blob has %d bytes, want %d", len(got), len(want))
	}
}

// expectPrivateLog fails the test if the log has a secret or personal data.
func (a *app) expectPrivateLog() {
	a.t.Helper()
	for _, text := range []string{"SECRET", "Jane-Doe", "wamid.A", mediaID, "?"} {
		if strings.Contains(a.log.String(), text) {
			a.t.Errorf("the log has %q:\n%s", text, a.log)
		}
	}
}
