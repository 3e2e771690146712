package host_test

import (
	"bufio"
	"encoding/json/jsontext"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/internal/testkit"
)

const httpSettings = `{"Values":{"AzureWebJobsStorage":"UseDevelopmentStorage=true","FUNCTIONS_WORKER_RUNTIME":"custom","` + recordingHandler + `":"1","` + answersFile + `":%q}}`

// httpFunctions are the bindings of the recorded app with HTTP triggers.
var httpFunctions = map[string]string{
	"Http":       httpTrigger("whatsapp", "anonymous") + httpOutput("response") + queueOutput("http-q") + blobOutput("http/{sys.utcnow}/{sys.randguid}.txt"),
	"HttpOld":    httpTrigger("old", "anonymous") + httpOutput("response") + blobOutput("old/{DateTime:yyyy-MM-dd}/{rand-guid}.txt"),
	"HttpOnly":   httpTrigger("only", "anonymous") + httpOutput("response"),
	"HttpReturn": httpTrigger("ret", "function") + httpOutput("$return"),
}

func httpTrigger(route, authLevel string) string {
	return `{"type":"httpTrigger","direction":"in","name":"request","methods":["get","post"],"route":"` + route + `","authLevel":"` + authLevel + `"}`
}

func httpOutput(name string) string {
	return `,{"type":"http","direction":"out","name":"` + name + `"}`
}

// recordedRequest is a request, and all that followed.
type recordedRequest struct {
	Case    string `json:"case"`
	Request struct {
		Method     string            `json:"method"`
		Path       string            `json:"path"`
		Headers    map[string]string `json:"headers"`
		Body       *string           `json:"body"`
		BodyBase64 []byte            `json:"bodyBase64"`
		Chunked    bool              `json:"chunked"`
	} `json:"request"`
	Answer jsontext.Value `json:"handlerAnswers"`
	Gets   []struct {
		Line string `json:"line"`
		Body string `json:"body"`
	} `json:"handlerGets"`
	Response recordedResponse `json:"response"`
}

type recordedResponse struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	// Error is that of a client that can't read the answer.
	Error string `json:"error"`
}

// httpChoices are the requests with a known difference: see docs/devhost.md.
var httpChoices = map[string]func(r *recordedRequest){
	"headers: many":          canonicalNames,
	"function key in header": canonicalNames,
	// Go's server sends neither a final status below 200 nor the type of a 304.
	"statusCode: 199": func(r *recordedRequest) { r.Response = recordedResponse{Error: "broken"} },
	"statusCode: 304": func(r *recordedRequest) { delete(r.Response.Headers, "Content-Type") },
}

// canonicalNames changes the spelling of headers, which Go's server does not keep.
func canonicalNames(r *recordedRequest) {
	r.Gets[0].Body = strings.NewReplacer(`"x-b"`, `"X-B"`, `"x-functions-key"`, `"X-Functions-Key"`).Replace(r.Gets[0].Body)
}

// The host answers every recorded request as the Functions host did, and calls the
// handler with the same bytes.
func TestRecordedHTTPRequests(t *testing.T) {
	t.Parallel()
	store, err := embedded.Open(t.TempDir())
	testkit.Must(t, err)
	usual, brief := startHTTP(t, store, "00:00:20"), startHTTP(t, store, "00:00:01")
	for _, r := range testkit.ReadRecording[recordedRequest](t, "http.jsonl.gz", 116) {
		t.Run(r.Case, func(t *testing.T) {
			app := usual
			if r.Case == "answer: nothing at all" { // it waits for functionTimeout
				app = brief
				r.Answer = jsontext.Value(`{"empty":true}`)
			}
			if choose := httpChoices[r.Case]; choose != nil {
				choose(&r)
			}
			got := app.play(t, r)
			if (r.Response.Error == "") != (got.Response.Error == "") {
				t.Errorf("error %q, want %q", got.Response.Error, r.Response.Error)
			}
			got.Response.Error = r.Response.Error
			if diff := cmp.Diff(r, got); diff != "" {
				t.Errorf("want -, got +: %s", diff)
			}
		})
	}
	checkHTTPStorage(t, store)
}

// checkHTTPStorage checks what callers chose: names of blobs by rand-guid and
// DateTime, but not by sys.
func checkHTTPStorage(t *testing.T, store storage.Storage) {
	t.Helper()
	var names []string
	today := time.Now().UTC().Format(time.DateOnly)
	for container, files := range map[string]int{"http": 4, "old": 4} {
		blobs, err := store.Blobs(t.Context(), container)
		testkit.Must(t, err)
		if len(blobs) != files {
			t.Errorf("%d blobs in %s, want %d", len(blobs), container, files)
		}
		for _, blob := range blobs {
			if container == "old" {
				names = append(names, strings.Replace(guid.ReplaceAllString(blob.Name, "*"), today, "today", 1))
			}
		}
	}
	slices.Sort(names)
	if diff := cmp.Diff([]string{"2001-01-01/q1.txt", "evil.txt", "today/*.txt", "today/frombody.txt"}, names); diff != "" {
		t.Error(diff)
	}
	messages, err := store.Messages(t.Context(), "http-q")
	testkit.Must(t, err)
	if len(messages) != 1 || string(messages[0].Body) != "m1" {
		t.Errorf("messages: %+v", messages)
	}
}

// httpApp is a running app with HTTP triggers.
type httpApp struct {
	recordedApp
	address, answers string
}

func startHTTP(t *testing.T, store storage.Storage, functionTimeout string) *httpApp {
	t.Helper()
	a := &httpApp{answers: filepath.Join(t.TempDir(), "answer.json")}
	h := a.start(t, store, functionTimeout, fmt.Sprintf(httpSettings, a.answers), httpFunctions)
	server := httptest.NewServer(&host.HTTP{Requests: h, Keys: &host.Keys{Master: "masterkey1", EventGrid: "egkey1", Function: "funckey1"}, Log: zerolog.Nop()})
	t.Cleanup(server.Close)
	a.address = server.Listener.Addr().String()
	return a
}

// play sends r and returns it with what happened.
func (a *httpApp) play(t *testing.T, r recordedRequest) recordedRequest {
	t.Helper()
	testkit.Must(t, os.WriteFile(a.answers, []byte(r.Answer), 0o600))
	a.results = nil
	r.Response = a.send(t, r)
	a.mu.Lock()
	defer a.mu.Unlock()
	gets := r.Gets[:0:0]
	for _, result := range a.results {
		gets = append(gets, struct {
			Line string `json:"line"`
			Body string `json:"body"`
		}{"POST /" + result.Call.Function + " HTTP/1.1", changing.ReplaceAllString(result.Exchange.Request, `"UtcNow":"<time>","RandGuid":"<guid>"`)})
	}
	if len(gets) > 0 || r.Gets == nil {
		r.Gets = gets
	} else {
		r.Gets = r.Gets[:0]
	}
	return r
}

// send sends a request as the recording client did.
func (a *httpApp) send(t *testing.T, r recordedRequest) recordedResponse {
	t.Helper()
	connection, err := net.Dial("tcp", a.address)
	testkit.Must(t, err)
	defer connection.Close()
	body := string(r.Request.BodyBase64)
	if r.Request.Body != nil {
		body = *r.Request.Body
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:7071\r\nAccept-Encoding: identity\r\n", r.Request.Method, r.Request.Path)
	for name, value := range r.Request.Headers {
		text.WriteString(name + ": ")
		for _, c := range value { // the recording shows bytes as characters
			text.WriteByte(byte(c))
		}
		text.WriteString("\r\n")
	}
	switch {
	case r.Request.Chunked:
		fmt.Fprintf(&text, "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body)
	case r.Request.Body != nil || r.Request.BodyBase64 != nil:
		fmt.Fprintf(&text, "Content-Length: %d\r\n\r\n%s", len(body), body)
	default:
		text.WriteString("\r\n")
	}
	_, err = io.WriteString(connection, text.String())
	testkit.Must(t, err)
	response, err := http.ReadResponse(bufio.NewReader(connection), &http.Request{Method: r.Request.Method})
	if err != nil {
		return recordedResponse{Error: err.Error()}
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	testkit.Must(t, err)
	got := recordedResponse{Status: response.StatusCode, Headers: map[string]string{}, Body: string(content)}
	for name := range response.Header {
		got.Headers[name] = response.Header.Get(name)
	}
	for _, encoding := range response.TransferEncoding {
		got.Headers["Transfer-Encoding"] = encoding
	}
	delete(got.Headers, "Date")
	return got
}
