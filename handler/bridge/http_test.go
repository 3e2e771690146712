package bridge

import (
	"bytes"
	"crypto/sha256"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"whatsapp-functions/handler/lenient"
)

const httpRequest = `{"Data":{"request":{"Url":"http://x/api/hook?a=1","Method":"post","Query":{"a":"1,2","B":""},` +
	`"Headers":{"Content-Type":["application/json"],"x-many":["first","second"]},"Params":{},"Identities":[],"Body":"{\"a\" : \"\\u00e9 \\/ \u2028\"}\r\n"}},"Metadata":{"a":"1"}}`

func TestReadRequest(t *testing.T) {
	var got *Request
	answer := postHTTP(t, httpRequest, func(r *Request) (Response, []Entry) {
		copied := *r
		copied.Body = bytes.Clone(r.Body)
		got = &copied
		return Response{Status: http.StatusOK, Body: "a \"text\""}, nil
	}, new(bytes.Buffer))
	if got.Method != "POST" || !got.HasBody || !got.HasQuery() {
		t.Errorf("got %+v", got)
	}
	for name, want := range map[string]string{"a": "1,2", "B": "", "c": ""} {
		if value := got.Query(name); value != want {
			t.Errorf("query %s: got %q, want %q", name, value, want)
		}
	}
	for name, want := range map[string]string{"content-type": "application/json", "X-Many": "first", "none": ""} {
		if value := got.Header(name); value != want {
			t.Errorf("header %s: got %q, want %q", name, value, want)
		}
	}
	if want := "{\"a\" : \"\\u00e9 \\/ \u2028\"}\r\n"; string(got.Body) != want {
		t.Errorf("body: got %q, want %q", got.Body, want)
	}
	if want := `{"Outputs":{"response":{"statusCode":200,"body":"a \"text\""}}}`; answer.Body.String() != want {
		t.Errorf("answer: got %s, want %s", answer.Body, want)
	}
}

func TestBodies(t *testing.T) {
	for name, test := range map[string]struct {
		headers, body string // JSON
		want          string
		hasBody       bool
	}{
		"none":                          {`{}`, ``, "", false},
		"null":                          {`{}`, `,"Body":null`, "", false},
		"empty":                         {`{}`, `,"Body":""`, "", true},
		"text":                          {`{}`, `,"Body":"YQ=="`, "YQ==", true},
		"binary":                        {`{"Content-Type":["application/octet-stream"]}`, `,"Body":"YQ=="`, "a", true},
		"binary, with a parameter":      {`{"content-type":["Application/Octet-Stream; q=1"]}`, `,"Body":"YQ=="`, "a", true},
		"a form":                        {`{"Content-Type":["multipart/form-data; boundary=x"]}`, `,"Body":"YQ=="`, "a", true},
		"binary that is not in base64":  {`{"Content-Type":["application/octet-stream"]}`, `,"Body":"a b"`, "a b", true},
		"a zero byte":                   {`{}`, `,"Body":"a\u0000b"`, "a\x00b", true},
		"a body that the host replaced": {`{}`, `,"Body":"a` + "\uFFFD" + `b"`, "a\uFFFDb", true},
	} {
		t.Run(name, func(t *testing.T) {
			value := `{"Method":"POST","Query":{},"Headers":` + test.headers + test.body + `}`
			r := readRequest(jsontext.Value(value), new(scratch))
			if string(r.Body) != test.want || r.HasBody != test.hasBody || r.HasQuery() {
				t.Errorf("got %q, %v, query %v; want %q, %v", r.Body, r.HasBody, r.HasQuery(), test.want, test.hasBody)
			}
		})
	}
}

// Every body of UTF-8 without a byte order mark reaches the function unchanged,
// which a signature depends on.
func FuzzBody(f *testing.F) {
	f.Add("{\"a\":\"\\u00e9\\/\"}\r\n\x00\u2028")
	f.Fuzz(func(t *testing.T, body string) {
		quoted, err := jsontext.AppendQuote(nil, body)
		if err != nil {
			return // not UTF-8
		}
		r := readRequest(jsontext.Value(`{"Body":`+string(quoted)+`}`), new(scratch))
		if sha256.Sum256(r.Body) != sha256.Sum256([]byte(body)) {
			t.Errorf("got %q, want %q", r.Body, body)
		}
	})
}

func TestEntriesOfRequests(t *testing.T) {
	var log bytes.Buffer
	answer := postHTTP(t, httpRequest, func(*Request) (Response, []Entry) {
		return Response{Status: http.StatusOK}, []Entry{
			{Event: `{"a":1}`, Text: `{"a":1}`},
			{Text: "broken", Rejection: Reject(MalformedEvent, "no event")},
			{Event: `{"a":2}`, Text: `{"a":2}`, Rejection: Reject(MalformedEvent, "not this one")},
		}
	}, &log)
	var got struct {
		Outputs struct {
			Messages []string `json:"messages"`
			Rejected []byte   `json:"rejectedEvents"`
			Response any      `json:"response"`
		}
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`{"event":"{\"a\":1}"}`}, got.Outputs.Messages); diff != "" {
		t.Error(diff)
	}
	want := `{"function":"Hook","invocationId":"","events":[{"reason":"malformed-event","detail":"no event","written":false,"text":"broken"},` +
		`{"reason":"malformed-event","detail":"not this one","written":false,"event":{"a":2}}]}`
	if string(got.Outputs.Rejected) != want {
		t.Errorf("got %s, want %s", got.Outputs.Rejected, want)
	}
	if line := log.String(); !strings.Contains(line, `"level":"warn"`) || !strings.Contains(line, `"status":200,"events":3,"outputs":{"messages":1,"rejectedEvents":1},"rejected":{"malformed-event":2}`) {
		t.Errorf("log: %s", line)
	}
}

func TestResponsesInTheLog(t *testing.T) {
	for name, test := range map[string]struct {
		response Response
		want     string
	}{
		"refused": {Response{Status: 401, Reason: "signature"}, `{"level":"info","function":"Hook","invocation_id":"","status":401,"reason":"signature","events":0,"outputs":{},`},
		"warning": {Response{Status: 411, Reason: "no-body", Warn: true}, `{"level":"warn","function":"Hook","invocation_id":"","status":411,"reason":"no-body","events":0,"outputs":{},`},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			postHTTP(t, httpRequest, func(*Request) (Response, []Entry) { return test.response, nil }, &log)
			if !strings.HasPrefix(log.String(), test.want) {
				t.Errorf("got %s, want %s", log.String(), test.want)
			}
		})
	}
}

// postHTTP calls a function with an HTTP trigger.
func postHTTP(t *testing.T, body string, receive func(*Request) (Response, []Entry), log *bytes.Buffer) *httptest.ResponseRecorder {
	t.Helper()
	f := fake("Hook", func(event lenient.Value, results *Results) *Rejection {
		to := results.New("messages")
		to.Begin()
		to.String("event", string(event))
		to.End()
		return nil
	})
	f.Trigger, f.Receive = HTTPTrigger, receive
	function := &boundFunction{Function: f, trigger: "request", outputs: []string{"messages", "rejectedEvents"}, response: "response"}
	server := &Server{App: &App{functions: map[string]*boundFunction{"Hook": function}}, MaxBody: 1 << 20, Log: zerolog.New(log)}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/Hook", strings.NewReader(body)))
	if w.Code != http.StatusOK {
		t.Fatalf("got %d: %s", w.Code, w.Body)
	}
	return w
}

func TestBindHTTP(t *testing.T) {
	const (
		request  = `{"type":"httpTrigger","direction":"in","name":"request","route":"hook/{id}"}`
		response = `{"type":"HTTP","direction":"out","name":"answer"}`
		kept     = `{"type":"blob","direction":"out","name":"rejectedEvents","path":"rejected-events/{sys.utcnow:yyyy-MM-dd}/{SYS.randguid}-%NAME%.json"}`
	)
	hook := fake("Hook", nil)
	hook.Trigger = HTTPTrigger
	for name, test := range map[string]struct {
		bindings []string
		mistakes []string
	}{
		"valid": {[]string{request, response, rows, kept}, nil},
		"no answer": {
			[]string{request, rows, kept},
			[]string{"no output of type http: add one; without it the host answers 204 to every request"},
		},
		"two answers": {
			[]string{request, response, `{"type":"http","direction":"out","name":"other"}`, rows, kept},
			[]string{"output 'other': the function already answers with the output 'answer'"},
		},
		"names that a caller chooses": {
			[]string{
				request, response, rows,
				`{"type":"blob","direction":"out","name":"rejectedEvents","path":"rejected-events/{sys.utcnow}/{rand-guid}.json"}`,
				`{"type":"queue","direction":"out","name":"messages","queueName":"{DateTime:yyyy}"}`,
			},
			[]string{
				"output 'rejectedEvents': write only expressions that start with {sys. or %, such as {sys.randguid}: the query or body of a request can set the value of any other, and so choose what is overwritten",
				"output 'messages': write only expressions that start with {sys. or %, such as {sys.randguid}: the query or body of a request can set the value of any other, and so choose what is overwritten",
			},
		},
		"another trigger": {
			[]string{trigger, response, rows, kept},
			[]string{"binding 'events' of type 'eventGridTrigger': the only input may be the httpTrigger"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			file, err := lenient.Parse([]byte(bindings(test.bindings...)))
			if err != nil {
				t.Fatal(err)
			}
			bound, errs := bind(hook, readBindings(file))
			var got []string
			for _, err := range errs {
				got = append(got, err.Error())
			}
			if diff := cmp.Diff(test.mistakes, got); diff != "" {
				t.Error(diff)
			}
			if test.mistakes == nil && bound.response != "answer" {
				t.Errorf("the answer is '%s'", bound.response)
			}
		})
	}
}

// An http output at another trigger is not an output of the function.
func TestHTTPOutputNeedsHTTPTrigger(t *testing.T) {
	file, err := lenient.Parse([]byte(bindings(trigger, rows, rejected, `{"type":"http","direction":"out","name":"response"}`)))
	if err != nil {
		t.Fatal(err)
	}
	if _, errs := bind(fake("Receive", nil), readBindings(file)); len(errs) != 1 {
		t.Errorf("got %v", errs)
	}
}
