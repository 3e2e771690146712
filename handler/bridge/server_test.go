package bridge

import (
	"bytes"
	"encoding/base64"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"whatsapp-functions/handler/lenient"
)

// echo writes each event to both outputs, and does what the event asks for.
func echo(event lenient.Value, results *Results) *Rejection {
	add(results, "messages", event)
	results.Count("kinds", "echo")
	var order struct{ Reject, Shorten, Panic string }
	if err := json.Unmarshal([]byte(event), &order, json.MatchCaseInsensitiveNames(true)); err != nil {
		return Reject(MalformedData, "secret "+string(event))
	}
	if order.Reject != "" {
		return Reject(Reason(order.Reject), "secret "+string(event))
	}
	if order.Panic != "" {
		panic(errors.New("secret " + order.Panic))
	}
	add(results, "rows", event)
	add(results, "unbound", event)
	if order.Shorten != "" {
		return WrittenWithout([]string{order.Shorten, "more", order.Shorten})
	}
	return nil
}

// add writes an object that holds the event.
func add(results *Results, output string, event lenient.Value) {
	if to := results.New(output); to != nil {
		to.Begin()
		to.JSON("e", string(event))
		to.End()
	}
}

func TestAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		events   string
		outputs  string
		rejected string
		logs     string
	}{
		"no event": {`[]`, ``, ``, ``},
		"two events": {
			`[{"n":1},{"n":"é\n\u2028"}]`,
			`"messages":["{\"e\":{\"n\":1}}","{\"e\":{\"n\":\"é\\n\\u2028\"}}"],"rows":["{\"e\":{\"n\":1}}","{\"e\":{\"n\":\"é\\n\\u2028\"}}"]`, ``, ``,
		},
		"one rejected, its outputs dropped": {
			`[{"n":1},{"reject":"missing-id"},{"n":3}]`,
			`"messages":["{\"e\":{\"n\":1}}","{\"e\":{\"n\":3}}"],"rows":["{\"e\":{\"n\":1}}","{\"e\":{\"n\":3}}"]`,
			`{"reason":"missing-id","detail":"secret {\"reject\":\"missing-id\"}","written":false,"event":{"reject":"missing-id"}}`,
			`1 of 3 events kept in rejectedEvents: missing-id 1`,
		},
		"a panic, its outputs dropped": {
			`[{"panic":"x"},{"n":2}]`,
			`"messages":["{\"e\":{\"n\":2}}"],"rows":["{\"e\":{\"n\":2}}"]`,
			`{"reason":"panic","detail":"*errors.errorString","written":false,"event":{"panic":"x"}}`,
			`1 of 2 events kept in rejectedEvents: panic 1`,
		},
		"one shortened, its outputs kept": {
			`[{"shorten":"raw"}]`,
			`"messages":["{\"e\":{\"shorten\":\"raw\"}}"],"rows":["{\"e\":{\"shorten\":\"raw\"}}"]`,
			`{"reason":"oversize","detail":"written without raw, more","written":true,"event":{"shorten":"raw"}}`,
			`1 of 1 events kept in rejectedEvents: oversize 1`,
		},
		"not objects": {
			`[null,"x",{"reject":"missing-id"}]`,
			``,
			`{"reason":"malformed-event","detail":"not a JSON object","written":false,"text":"null"},` +
				`{"reason":"malformed-event","detail":"not a JSON object","written":false,"text":"x"},` +
				`{"reason":"missing-id","detail":"secret {\"reject\":\"missing-id\"}","written":false,"event":{"reject":"missing-id"}}`,
			`3 of 3 events kept in rejectedEvents: malformed-event 2, missing-id 1`,
		},
		"an event with a repeated name and a lone surrogate": {
			`[{"reject":"missing-id","a":1,"a":"\ud800"}]`,
			``,
			`{"reason":"malformed-data","detail":"secret {\"reject\":\"missing-id\",\"a\":1,\"a\":\"\\ud800\"}","written":false,"event":{"reject":"missing-id","a":1,"a":"\ud800"}}`,
			`1 of 1 events kept in rejectedEvents: malformed-data 1`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(io.Discard, echo)
			w := post(t, s, `{"Data":{"events":`+test.events+`},"Metadata":{}}`)
			if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
				t.Fatalf("answer %d, %s", w.Code, w.Header().Get("Content-Type"))
			}
			var parts []string
			if test.outputs != "" {
				parts = append(parts, test.outputs)
			}
			if test.rejected != "" {
				document := `{"function":"Fake","invocationId":"id-1","events":[` + test.rejected + `]}`
				parts = append(parts, `"rejectedEvents":"`+base64.StdEncoding.EncodeToString([]byte(document))+`"`)
			}
			want := `{"Outputs":{` + strings.Join(parts, ",") + `}`
			if test.logs != "" {
				want += `,"Logs":["` + test.logs + `"]`
			}
			if diff := cmp.Diff(strings.Split(want+`}`, ","), strings.Split(w.Body.String(), ",")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCompletionLine(t *testing.T) {
	for name, test := range map[string]struct{ events, want string }{
		"all written": {
			`[{"n":1},{"n":2}]`,
			`{"level":"info","function":"Fake","invocation_id":"id-1","events":2,"kinds":{"echo":2},"outputs":{"messages":2,"rows":2},"dur":0,"message":"invocation"}`,
		},
		"some rejected": {
			`[{"n":1},{"shorten":"raw"},{"reject":"missing-id"},7]`,
			`{"level":"warn","function":"Fake","invocation_id":"id-1","events":4,"kinds":{"echo":2},"outputs":{"messages":2,"rows":2,"rejectedEvents":1},"rejected":{"oversize":1,"missing-id":1,"malformed-event":1},"dur":0,"message":"invocation"}`,
		},
		"no event": {
			`[]`,
			`{"level":"info","function":"Fake","invocation_id":"id-1","events":0,"outputs":{},"dur":0,"message":"invocation"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			post(t, newServer(&log, echo), `{"Data":{"events":`+test.events+`}}`)
			lines := logged(&log)
			if diff := cmp.Diff(test.want, withoutDuration(lines[len(lines)-1])); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A completion line that alerts look for is written at every log level.
func TestWarningsAtEveryLogLevel(t *testing.T) {
	for name, test := range map[string]struct {
		handle func(event lenient.Value, results *Results) *Rejection
		want   int
	}{
		"nothing to report": {func(lenient.Value, *Results) *Rejection { return nil }, 0},
		"a warning": {func(_ lenient.Value, results *Results) *Rejection {
			results.Warn()
			return nil
		}, 1},
		"a rejection":         {func(lenient.Value, *Results) *Rejection { return Reject(MissingID, "") }, 1},
		"written without all": {func(lenient.Value, *Results) *Rejection { return WrittenWithout([]string{"raw"}) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			s := newServer(&log, test.handle)
			s.Log = s.Log.Level(zerolog.ErrorLevel)
			post(t, s, `{"Data":{"events":[{},{}]}}`)
			lines := logged(&log)
			if len(lines) != test.want || len(lines) == 1 && !strings.Contains(lines[0], `"level":"warn"`) {
				t.Errorf("logged %q", lines)
			}
			if post(t, s, `{"Data":{"events":[]}}`); len(logged(&log)) != test.want {
				t.Errorf("the next invocation logs %q", logged(&log))
			}
		})
	}
}

func withoutDuration(line string) string {
	before, rest, _ := strings.Cut(line, `"dur":`)
	_, after, _ := strings.Cut(rest, ",")
	return before + `"dur":0,` + after
}

func TestTraceInTheLog(t *testing.T) {
	for parent, want := range map[string]string{
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01": "4bf92f3577b34da6a3ce929d0e0e4736",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01": "",
		"00-+14255550123-00f067aa0ba902b7-01":                     "",
		"nonsense":                                                "",
		"":                                                        "",
	} {
		if got := traceID(parent); got != want {
			t.Errorf("traceID(%q) = %q, want %q", parent, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	large := `{"Data":{"events":[]},"Metadata":{"x":"` + strings.Repeat("4255550123", 200_000) + `"}}`
	for name, test := range map[string]struct {
		method, path string
		body         io.Reader
		status       int
		log          string
	}{
		"over the limit":    {"POST", "/Fake", strings.NewReader(large), 413, `{"level":"error","function":"Fake","invocation_id":"id-1","status":413,"reason":"body-too-large","error":"body too large","message":"request refused"}`},
		"cut short":         {"POST", "/Fake", strings.NewReader(`{"Data":{"events":{"from":"4255550123`), 400, `{"level":"error","function":"Fake","invocation_id":"id-1","status":400,"reason":"body-not-json","error":"body is not JSON at byte 37","message":"request refused"}`},
		"no JSON":           {"POST", "/Fake", strings.NewReader(`from=4255550123`), 400, `{"level":"error","function":"Fake","invocation_id":"id-1","status":400,"reason":"body-not-json","error":"body is not JSON at byte 1","message":"request refused"}`},
		"no trigger":        {"POST", "/Fake", strings.NewReader(`{"Data":{"4255550123":{}}}`), 400, `{"level":"error","function":"Fake","invocation_id":"id-1","status":400,"reason":"body-without-trigger","error":"body has no value for the trigger","message":"request refused"}`},
		"a broken line":     {"POST", "/Fake", iotest.ErrReader(errors.New("4255550123")), 400, `{"level":"warn","function":"Fake","invocation_id":"id-1","status":400,"reason":"body-unreadable","error":"body could not be read to its end","message":"request refused"}`},
		"no such function":  {"POST", "/4255550123", nil, 404, `{"level":"warn","invocation_id":"id-1","status":404,"reason":"no-such-function","error":"no such function","message":"request refused"}`},
		"in another case":   {"POST", "/fake", nil, 404, `{"level":"warn","invocation_id":"id-1","status":404,"reason":"no-such-function","error":"no such function","message":"request refused"}`},
		"the root by POST":  {"POST", "/", nil, 404, `{"level":"warn","invocation_id":"id-1","status":404,"reason":"no-such-function","error":"no such function","message":"request refused"}`},
		"a function by GET": {"GET", "/Fake", nil, 405, `{"level":"warn","function":"Fake","invocation_id":"id-1","status":405,"reason":"wrong-method","error":"functions are called with POST","message":"request refused"}`},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			s := newServer(&log, echo)
			w := request(t, s, test.method, test.path, test.body)
			if w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
			if test.status == 405 && w.Header().Get("Allow") != "POST" {
				t.Errorf("Allow: %q", w.Header().Get("Allow"))
			}
			if diff := cmp.Diff([]string{test.log}, logged(&log)); diff != "" {
				t.Error(diff)
			}
			if next := post(t, s, `{"Data":{"events":{"n":1}}}`); next.Code != http.StatusOK {
				t.Errorf("the next request is answered %d", next.Code)
			}
		})
	}
}

// panickingReader is a body that panics: a bug outside of a function.
type panickingReader struct{}

func (panickingReader) Read([]byte) (int, error) { panic("secret 4255550123") }

func TestPanicInTheServer(t *testing.T) {
	var log bytes.Buffer
	w := request(t, newServer(&log, echo), http.MethodPost, "/Fake", panickingReader{})
	if w.Code != http.StatusInternalServerError || w.Body.String() != "panic in handler\n" {
		t.Errorf("answer %d: %s", w.Code, w.Body)
	}
	lines := logged(&log)
	if len(lines) != 2 || !strings.Contains(lines[0], `"panic":"string","stack":"goroutine`) || !strings.Contains(lines[1], `"status":500,"reason":"bug"`) {
		t.Errorf("logged %q", lines)
	}
	if strings.Contains(log.String(), "secret") || strings.Contains(log.String(), "4255550123") {
		t.Errorf("the log quotes: %s", &log)
	}
}

func TestPanicInTheLog(t *testing.T) {
	var log bytes.Buffer
	post(t, newServer(&log, echo), `{"Data":{"events":[{"panic":"4255550123"}]}}`)
	first := logged(&log)[0]
	if !strings.HasPrefix(first, `{"level":"error","function":"Fake","invocation_id":"id-1","panic":"*errors.errorString","stack":"goroutine`) {
		t.Errorf("logged %s", first)
	}
	if strings.Contains(log.String(), "secret") || strings.Contains(log.String(), "4255550123") {
		t.Errorf("the log quotes: %s", &log)
	}
}

func TestOutputsThatAreNotBound(t *testing.T) {
	s := newServer(io.Discard, echo)
	s.App.functions["Fake"].outputs = []string{"rejectedEvents", "rows"}
	w := post(t, s, `{"Data":{"events":{"n":1}}}`)
	if want := `{"Outputs":{"rows":["{\"e\":{\"n\":1}}"]}}`; w.Body.String() != want {
		t.Errorf("got %s, want %s", w.Body, want)
	}
}

// A body of exactly the limit is read.
func TestBodyLimit(t *testing.T) {
	s := newServer(io.Discard, echo)
	const frame = `{"Data":{"events":[]},"Metadata":""}`
	for size, want := range map[int]int{int(s.MaxBody): 200, int(s.MaxBody) + 1: 413} {
		body := strings.Replace(frame, `""`, `"`+strings.Repeat("x", size-len(frame))+`"`, 1)
		if w := post(t, s, body); w.Code != want {
			t.Errorf("%d bytes: %d, want %d", len(body), w.Code, want)
		}
	}
}

// An event that is nested too deep for the document is kept as text; the others
// are not affected.
func TestDeepEventIsKeptAlone(t *testing.T) {
	s := newServer(io.Discard, echo)
	deep := strings.Repeat("[", 9_998) + strings.Repeat("]", 9_998)
	events, _ := jsontext.AppendQuote(nil, `[{"reject":"missing-id","n":1},{"reject":"missing-id","deep":`+deep+`}]`)
	w := post(t, s, `{"Data":{"events":`+string(events)+`}}`)
	var answer struct {
		Outputs struct{ RejectedEvents []byte }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	document := string(answer.Outputs.RejectedEvents)
	if !strings.Contains(document, `"event":{"reject":"missing-id","n":1}`) || !strings.Contains(document, `"text":"{\"reject\":\"missing-id\",\"deep\":[[`) {
		t.Errorf("kept: %.300s", document)
	}
}
