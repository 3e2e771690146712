package main

import (
	"bytes"
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"whatsapp-functions/devhost/blobservice"
	"whatsapp-functions/devhost/mediaserver"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/internal/testkit"
)

const (
	fromMeta = "urn:meta:whatsapp:1001"
	fromACS  = "/subscriptions/1/resourcegroups/rg/providers/microsoft.communication/communicationservices/acs"
	blobName = "106540352242922/b206888b1d6c5a161a70ea45add4528b.jpg"
)

// world is devhost's stand-ins for the providers and the storage account.
type world struct {
	files *mediaserver.Store
	// wrap, if it is set, handles the requests to the providers before the stand-ins.
	wrap  func(w http.ResponseWriter, r *http.Request, next http.Handler)
	blobs *azblob.Client
	env   map[string]string
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{}
	var err error
	w.files, err = mediaserver.OpenStore(t.TempDir())
	testkit.Must(t, err)
	account, err := embedded.Open(t.TempDir())
	testkit.Must(t, err)
	account.Folder.NoSync = true
	providers := mediaserver.NewServer(w.files)
	mux := http.NewServeMux()
	mux.Handle(blobservice.Path, &blobservice.Service{Storage: account})
	mux.HandleFunc("/", func(answer http.ResponseWriter, r *http.Request) {
		if w.wrap != nil {
			w.wrap(answer, r, providers)
			return
		}
		providers.ServeHTTP(answer, r)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	connection := blobservice.ConnectionString(server.URL)
	w.blobs, err = azblob.NewClientFromConnectionString(connection, nil)
	testkit.Must(t, err)
	w.env = map[string]string{
		"FUNCTIONS_CUSTOMHANDLER_PORT": "0", "FUNCTIONS_APP_ROOT_PATH": ".",
		envStorage: connection, envMetaTokens: "EAA-SECRET-TOKEN",
	}
	for _, setting := range mediaserver.Environ(server.URL) {
		name, value, _ := strings.Cut(setting, "=")
		w.env[name] = value
	}
	return w
}

// add uploads a file to the providers.
func (w *world) add(t testing.TB, content []byte) mediaserver.File {
	t.Helper()
	file, err := w.files.Add(bytes.NewReader(content), "photo.jpg", "image/jpeg")
	testkit.Must(t, err)
	return file
}

// blob returns the content of the blob, and nil if there is none.
func (w *world) blob(t testing.TB) []byte {
	t.Helper()
	answer, err := w.blobs.DownloadStream(t.Context(), "media", blobName, nil)
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	testkit.Must(t, err)
	return content
}

// start runs the program in this process.
func (w *world) start(t *testing.T, more map[string]string) *testkit.Worker {
	t.Helper()
	env := maps.Clone(w.env)
	maps.Copy(env, more)
	return testkit.StartWorker(t, func(ctx context.Context, stdout, stderr io.Writer) int {
		return run(ctx, []string{"media"}, testkit.Lookup(env), stdout, stderr)
	})
}

// requestOf returns a media request.
func requestOf(source, mediaID, sha256 string) string {
	return fmt.Sprintf(`{"specversion":"1.0","type":"conversation.media.requested.v1","id":"wamid.PERSONAL:media","source":%q,"subject":"wamid.PERSONAL",`+
		`"time":"2026-11-20T09:15:01.0000000Z","datacontenttype":"application/json","data":{"eventId":"wamid.PERSONAL","messageId":"wamid.PERSONAL",`+
		`"channel":{"type":"whatsapp","id":"106540352242922"},"media":{"id":%q,"mimeType":"image/jpeg","sha256":%q,"fileName":"PERSONAL Jane Doe.jpg"},"blob":%q}}`,
		source, mediaID, sha256, blobName)
}

// call calls the function of a program as the Functions host does for a queue
// message, and returns the status and the body of the answer.
func call(t testing.TB, url, message string) (status int, answer string) {
	t.Helper()
	once, err := jsontext.AppendQuote(nil, message)
	testkit.Must(t, err)
	twice, err := jsontext.AppendQuote(nil, once)
	testkit.Must(t, err)
	response, err := http.Post(url+"/MediaTrigger", "application/json; charset=utf-8", strings.NewReader(`{"Data":{"request":`+string(twice)+`},"Metadata":{"DequeueCount":"1"}}`))
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(text)
}

// result returns the one result in an answer, which its schema must accept.
func result(t testing.TB, answer string) string {
	t.Helper()
	var parsed struct {
		Outputs map[string][]string `json:"Outputs"`
	}
	testkit.Must(t, json.Unmarshal([]byte(answer), &parsed))
	results := parsed.Outputs["mediaResults"]
	if len(parsed.Outputs) != 1 || len(results) != 1 {
		t.Fatalf("the answer is %s", answer)
	}
	name := "media-stored.v1.json"
	if strings.Contains(results[0], "conversation.media.failed.v1") {
		name = "media-failed.v1.json"
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(filepath.Join(testkit.Root(t), "schema", name))
	testkit.Must(t, err)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(results[0]))
	testkit.Must(t, err)
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s\n%v", results[0], err)
	}
	return results[0]
}
