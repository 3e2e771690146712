package bridge

import (
	"bytes"
	"context"
	"encoding/json/jsontext"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"whatsapp-functions/handler/lenient"
	"whatsapp-functions/internal/testkit"
)

// queueFunction returns a function with a queue trigger and a queue called messages.
func queueFunction(process func(ctx context.Context, message string, results *Results) error) Function {
	return Function{
		Name:    "Fake",
		Trigger: QueueTrigger,
		Outputs: []Output{{Name: "messages", Kind: Queue, Every: "results"}},
		Process: process,
	}
}

// newQueueServer serves a function called Fake whose trigger is called item.
func newQueueServer(log io.Writer, process func(ctx context.Context, message string, results *Results) error) *Server {
	function := &boundFunction{Function: queueFunction(process), trigger: "item", outputs: []string{"messages"}}
	return &Server{
		App:     &App{functions: map[string]*boundFunction{"Fake": function}},
		MaxBody: 1 << 20,
		Log:     zerolog.New(log).Level(zerolog.DebugLevel),
	}
}

// bodyOf returns the body that the host sends for a queue message.
func bodyOf(t testing.TB, message string) string {
	t.Helper()
	inner, err := jsontext.AppendQuote(nil, message)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsontext.AppendQuote(nil, inner)
	if err != nil {
		t.Fatal(err)
	}
	return `{"Data":{"item":` + string(value) + `},"Metadata":{"DequeueCount":"1","Id":"\"mine\"","item":"\"other\""}}`
}

// recordedMessages are messages put into a queue, and what the real host sent to the
// handler.
type recordedMessages struct {
	Case     string `json:"case"`
	Messages []struct {
		Text string `json:"text"`
	} `json:"messages"`
	HandlerGets []struct {
		Line string `json:"line"`
		Body string `json:"body"`
	} `json:"handlerGets"`
}

// The exact text of each message reaches the function.
func TestRecordedMessages(t *testing.T) {
	calls := 0
	for _, r := range testkit.ReadRecording[recordedMessages](t, "queue.jsonl.gz", 17) {
		t.Run(r.Case, func(t *testing.T) {
			for _, sent := range r.HandlerGets {
				if sent.Body == "" {
					continue // only the times were recorded
				}
				calls++
				var got []string
				s := newQueueServer(io.Discard, func(_ context.Context, message string, _ *Results) error {
					got = append(got, message)
					return nil
				})
				s.App.functions["FromQueue"] = s.App.functions["Fake"]
				method, rest, _ := strings.Cut(sent.Line, " ")
				path, _, _ := strings.Cut(rest, " ")
				w := request(t, s, method, path, strings.NewReader(sent.Body))
				if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" || w.Body.String() != `{"Outputs":{}}` {
					t.Errorf("answer %d, %s: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
				}
				if diff := cmp.Diff([]string{r.Messages[0].Text}, got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
	if calls != 18 {
		t.Errorf("%d calls", calls)
	}
}

func TestRequestsOfQueueTriggers(t *testing.T) {
	want := []string{`{"messageId":"m1","attempt":2,"ok":true,"nested":{"a":1},"list":[1]}`, "hello"}
	for i, v := range testkit.ReadVectors(t, "requests", 20)[17:19] {
		value, err := triggerValue([]byte(v.Request.Body), "queueItem", new(scratch))
		if got := readMessage(value, new(scratch)); err != nil || got != want[i] {
			t.Errorf("%s: got %q, %v; want %q", v.Name, got, err, want[i])
		}
	}
}

func TestReadMessage(t *testing.T) {
	for name, test := range map[string]struct{ value, want string }{
		"an object":                        {`"\"{\\\"a\\\": 1.10}\""`, `{"a": 1.10}`},
		"text":                             {`"\"hello\""`, `hello`},
		"empty text":                       {`"\"\""`, ``},
		"a JSON string":                    {`"\"\\\"x\\\"\""`, `"x"`},
		"a JSON string in a JSON string":   {`"\"\\\"\\\\\\\"x\\\\\\\"\\\"\""`, `"\"x\""`},
		"space around it":                  {`"\" {} \\n\""`, " {} \n"},
		"a byte order mark":                {"\"\\\"\uFEFF{}\\\"\"", "\uFEFF{}"},
		"escaped by .NET":                  {`"\u0022\\u003Cb\\u003E\\u0022\\uD83D\\uDC4D\u0022"`, `<b>"👍`},
		"a lone surrogate":                 {`"\"\\ud800\""`, "\uFFFD"},
		"a zero byte":                      {`"\"a\\u0000b\""`, "a\x00b"},
		"encoded once":                     {`"hello"`, `hello`},
		"an object encoded once":           {`"{\"a\":1}"`, `{"a":1}`},
		"an empty string encoded once":     {`""`, ``},
		"a text with a quote encoded once": {`"\"x"`, `"x`},
		"not encoded":                      {`{"a":"\u00e9"}`, `{"a":"\u00e9"}`},
		"null":                             {`null`, `null`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := readMessage(jsontext.Value(test.value), new(scratch)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Every text reaches the function unchanged, whatever the host's other fields are.
func FuzzMessage(f *testing.F) {
	for _, message := range []string{``, `{}`, `"x"`, `"\"x\""`, `\`, "\uFEFF\"", "a\x00\r\n\u2028👍", ` 1.10 `, `{"Data":{"item":"x"}}`} {
		f.Add(message, message)
	}
	f.Fuzz(func(t *testing.T, message, other string) {
		message, other = strings.ToValidUTF8(message, "?"), strings.ToValidUTF8(other, "?")
		name, _ := jsontext.AppendQuote(nil, other)
		body := strings.TrimSuffix(bodyOf(t, message), "}}") + `,` + string(name) + `:` + string(name) + `}}`
		var got []string
		s := newQueueServer(io.Discard, func(_ context.Context, message string, _ *Results) error {
			got = append(got, message)
			return nil
		})
		s.MaxBody = 1 << 30
		if w := post(t, s, body); w.Code != http.StatusOK {
			t.Fatalf("answer %d: %s", w.Code, w.Body)
		}
		if diff := cmp.Diff([]string{message}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// No value of a trigger is refused, and none panics.
func FuzzReadMessage(f *testing.F) {
	for _, value := range []string{`""`, `"\""`, `"\"\\"`, `"\"\\ud800\""`, `" \"x\" "`, `null`, `[]`, `7`} {
		f.Add([]byte(value))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		value, err := triggerValue(lenient.Clean([]byte(`{"Data":{"t":`+string(text)+`}}`)), "t", new(scratch))
		if err != nil {
			return
		}
		got := readMessage(value, new(scratch))
		if value.Kind() != jsontext.KindString && got != string(value) {
			t.Errorf("%s: got %q", value, got)
		}
		if again := readMessage(value, new(scratch)); again != got {
			t.Errorf("%s: got %q, then %q", value, got, again)
		}
	})
}

func TestProcess(t *testing.T) {
	var log bytes.Buffer
	s := newQueueServer(&log, func(ctx context.Context, message string, results *Results) error {
		to := results.New("messages")
		to.Begin()
		to.String("message", message)
		to.End()
		results.Count("results", "stored")
		zerolog.Ctx(ctx).Info().Msg("a line of the function")
		return nil
	})
	w := post(t, s, bodyOf(t, "hello"))
	if want := `{"Outputs":{"messages":["{\"message\":\"hello\"}"]}}`; w.Code != http.StatusOK || w.Body.String() != want {
		t.Errorf("answer %d: got %s, want %s", w.Code, w.Body, want)
	}
	lines := logged(&log)
	lines[len(lines)-1] = withoutDuration(lines[len(lines)-1])
	if diff := cmp.Diff([]string{
		`{"level":"info","function":"Fake","invocation_id":"id-1","message":"a line of the function"}`,
		`{"level":"info","function":"Fake","invocation_id":"id-1","events":1,"results":{"stored":1},"outputs":{"messages":1},"dur":0,"message":"invocation"}`,
	}, lines); diff != "" {
		t.Error(diff)
	}
}

// The host calls again after a failure, so nothing of a failed call is written. The
// next call is not affected.
func TestProcessFails(t *testing.T) {
	for name, test := range map[string]struct {
		process func() error
		status  int
		log     []string
	}{
		"an error": {
			func() error { return errors.New("graph.facebook.com: status 503") }, http.StatusInternalServerError,
			[]string{`{"level":"error","function":"Fake","invocation_id":"id-1","status":500,"reason":"not-processed","error":"message was not processed: graph.facebook.com: status 503","message":"invocation failed"}`},
		},
		"a panic": {
			func() error { panic("secret 4255550123") }, http.StatusInternalServerError,
			[]string{
				`{"level":"error","function":"Fake","invocation_id":"id-1","panic":"string","stack":`,
				`{"level":"error","function":"Fake","invocation_id":"id-1","status":500,"reason":"bug","error":"panic in handler","message":"invocation failed"}`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			fails := true
			s := newQueueServer(&log, func(_ context.Context, message string, results *Results) error {
				to := results.New("messages")
				to.Begin()
				to.String("message", message)
				to.End()
				results.Count("results", "stored")
				if fails {
					return test.process()
				}
				return nil
			})
			w := post(t, s, bodyOf(t, "4255550123"))
			if w.Code != test.status || strings.Contains(w.Body.String(), "4255550123") {
				t.Errorf("answer %d: %s", w.Code, w.Body)
			}
			lines := logged(&log)
			if len(lines) != len(test.log) {
				t.Fatalf("logged %q", lines)
			}
			for i, want := range test.log {
				if !strings.HasPrefix(lines[i], want) {
					t.Errorf("logged %s, want %s", lines[i], want)
				}
			}
			if strings.Contains(log.String(), "4255550123") {
				t.Errorf("the log quotes: %s", &log)
			}
			fails = false
			if w := post(t, s, bodyOf(t, "next")); w.Body.String() != `{"Outputs":{"messages":["{\"message\":\"next\"}"]}}` {
				t.Errorf("the next call is answered %s", w.Body)
			}
		})
	}
}

// A function must end its work when no answer is wanted any more: the host has closed
// the request.
func TestProcessEndsWithTheRequest(t *testing.T) {
	started, ended := make(chan struct{}), make(chan error, 1)
	server := httptest.NewServer(newQueueServer(io.Discard, func(ctx context.Context, _ string, _ *Results) error {
		close(started)
		select {
		case <-ctx.Done():
		case <-time.After(30 * time.Second):
		}
		ended <- ctx.Err()
		return ctx.Err()
	}))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/Fake", struct{ io.Reader }{strings.NewReader(bodyOf(t, "x"))})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-started
		cancel()
	}()
	if response, err := http.DefaultClient.Do(r); err == nil {
		_ = response.Body.Close()
		t.Errorf("answer %s", response.Status)
	}
	if err := <-ended; err != context.Canceled {
		t.Errorf("the context ended with %v", err)
	}
}

func TestBindQueue(t *testing.T) {
	const (
		item     = `{"type":"QueueTrigger","direction":"in","name":"item","queueName":"q"}`
		messages = `{"type":"queue","direction":"out","name":"messages"}`
	)
	for name, test := range map[string]struct {
		bindings []string
		mistakes []string
	}{
		"valid":     {[]string{item, messages}, nil},
		"no output": {[]string{item}, []string{"no output takes all results, so some would be written nowhere: add one of 'messages'"}},
		"rejectedEvents": {
			[]string{item, messages, rejected},
			[]string{"output 'rejectedEvents': the function has no such output: it has 'messages'"},
		},
		"no trigger": {
			[]string{messages},
			[]string{"no trigger: add a binding of type queueTrigger, direction in"},
		},
		"another trigger": {
			[]string{trigger, messages},
			[]string{"binding 'events' of type 'eventGridTrigger': the only input may be the queueTrigger"},
		},
		"a dataType on the trigger": {
			[]string{`{"type":"queueTrigger","direction":"in","name":"item","dataType":"binary"}`, messages},
			[]string{"binding 'item' has dataType 'binary': remove it, because it changes how the host encodes the message"},
		},
		"an http output": {
			[]string{item, messages, `{"type":"http","direction":"out","name":"response"}`},
			[]string{"output 'response': the function has no such output: it has 'messages'"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			file, err := lenient.Parse([]byte(bindings(test.bindings...)))
			if err != nil {
				t.Fatal(err)
			}
			bound, errs := bind(queueFunction(nil), readBindings(file))
			var got []string
			for _, err := range errs {
				got = append(got, err.Error())
			}
			if diff := cmp.Diff(test.mistakes, got); diff != "" {
				t.Error(diff)
			}
			if test.mistakes == nil && (bound.trigger != "item" || len(bound.outputs) != 1) {
				t.Errorf("trigger %q, outputs %q", bound.trigger, bound.outputs)
			}
		})
	}
}
