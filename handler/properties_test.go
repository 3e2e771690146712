package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/handler/lenient"
)

// prover checks what must be true of every answer. It reads the answer, and writes
// the outputs, with devhost's half of the protocol.
type prover struct {
	server  http.Handler
	schemas map[string]*jsonschema.Schema
	app     *app.App
}

func newProver(t testing.TB) *prover {
	t.Helper()
	root := withStatusUpdates(t, mediaRequests()...)
	a, err := app.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return &prover{server: serveApp(t, root, io.Discard), schemas: schemas(t), app: a}
}

// request returns a body with this value of the trigger.
func request(triggerValue string) []byte {
	return []byte(`{"Data":{"eventGridEvents":` + triggerValue + `},"Metadata":{}}`)
}

// The id and trace of an invocation may be in rejectedEvents and in the log, and
// nowhere else.
const (
	someID, otherID       = "0d1f6a2e-5b1c-4a53-9c5e-6d3c9c0f7a01", "9c5e6d3c-9c0f-4a01-8d1f-6a2e5b1c4a53"
	someTrace, otherTrace = "", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
)

func (p *prover) post(t *testing.T, function string, body []byte, id, trace string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/"+function, bytes.NewReader(body))
	r.Header.Set("X-Azure-Functions-InvocationId", id)
	if trace != "" {
		r.Header.Set("traceparent", trace)
	}
	w := httptest.NewRecorder()
	p.server.ServeHTTP(w, r)
	return w
}

// invoke calls a function and checks the answer; nil if it refuses the body.
func (p *prover) invoke(t *testing.T, function string, body []byte) *answer {
	t.Helper()
	w := p.post(t, function, body, someID, someTrace)
	if w.Code == http.StatusBadRequest {
		return nil
	}
	if w.Code != http.StatusOK {
		t.Fatalf("answer %d: %s", w.Code, w.Body)
	}
	a := parseAnswer(t, w.Body.Bytes())
	p.checkAgain(t, function, body, a)
	p.checkHost(t, function, w, a)
	a.checkQueueMessages(t)
	for schema, texts := range a.Outputs.bySchema(t) {
		for _, text := range texts {
			if err := validate(p.schemas[schema], text); err != nil {
				t.Fatalf("%v\n%.2000s", err, text)
			}
		}
	}
	return &a
}

func parseAnswer(t *testing.T, text []byte) answer {
	t.Helper()
	var a answer
	if err := json.Unmarshal(text, &a, json.RejectUnknownMembers(true)); err != nil {
		t.Fatalf("%v\n%.2000s", err, text)
	}
	return a
}

// checkAgain checks that the same delivery has the same outputs in another
// invocation.
func (p *prover) checkAgain(t *testing.T, function string, body []byte, first answer) {
	t.Helper()
	second := parseAnswer(t, p.post(t, function, body, otherID, otherTrace).Body.Bytes())
	rejected, _ := base64.StdEncoding.DecodeString(second.Outputs.RejectedEvents)
	rejected = bytes.Replace(rejected, []byte(`"invocationId":"`+otherID), []byte(`"invocationId":"`+someID), 1)
	second.Outputs.RejectedEvents = base64.StdEncoding.EncodeToString(rejected)
	if diff := cmp.Diff(first, second); diff != "" {
		t.Fatalf("another invocation has other outputs:\n%.2000s", diff)
	}
}

// checkHost checks that the host accepts the answer without a remark, and writes it
// to storage unchanged.
func (p *prover) checkHost(t *testing.T, name string, w *httptest.ResponseRecorder, a answer) {
	t.Helper()
	read, err := bridge.ReadAnswer(w.Code, w.Header().Get("Content-Type"), w.Body.Bytes())
	if err != nil {
		t.Fatalf("the host can't read the answer: %v", err)
	}
	function, _ := p.app.Function(name)
	var store memory
	outcome, err := bridge.Write(t.Context(), function, read, bridge.Expressions{
		Setting:  func(name string) (string, bool) { value, ok := p.app.Settings[name]; return value, ok },
		Function: name, Now: time.Unix(0, 0), GUID: func() string { return "guid" },
	}, &store)
	if err != nil {
		t.Fatalf("the host can't write the answer: %v\n%.2000s", err, w.Body)
	}
	if len(outcome.Remarks) > 0 {
		t.Fatalf("the host changes the answer: %q", outcome.Remarks)
	}
	var want []string
	for queue, texts := range map[string][]string{
		"inbound-messages": a.Outputs.InboundMessages, "failed-messages": a.Outputs.FailedMessages, "status-updates": a.Outputs.StatusUpdates,
		"media-requests": a.Outputs.MediaRequests,
	} {
		for _, text := range texts {
			want = append(want, queue+" "+text)
		}
	}
	for table, texts := range map[string][]string{"Messages": a.Outputs.Messages, "MessageStatus": a.Outputs.MessageStatus} {
		for _, text := range texts {
			want = append(want, table+" "+upsert(t, text))
		}
	}
	if a.Outputs.RejectedEvents != "" {
		blob, _ := base64.StdEncoding.DecodeString(a.Outputs.RejectedEvents)
		want = append(want, "rejected-events "+string(blob))
	}
	slices.Sort(want)
	slices.Sort(store.written)
	if diff := cmp.Diff(want, store.written); diff != "" {
		t.Fatalf("the host writes something else:\n%.2000s", diff)
	}
}

// upsert returns a row without its entity tag, which must make it an upsert.
func upsert(t *testing.T, text string) string {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		t.Fatal(err)
	}
	if members["ETag"] != storage.Always {
		t.Fatalf("a row that is not upserted: %.500s", text)
	}
	delete(members, "ETag")
	return rowText(members)
}

func rowText(members map[string]any) string {
	text, _ := json.Marshal(members, json.Deterministic(true))
	return string(text)
}

// memory is storage that keeps in lines what it is given, within the service's
// limits.
type memory struct {
	storage.Storage
	mu      sync.Mutex
	written []string
}

func (m *memory) add(line string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.written = append(m.written, line)
}

func (m *memory) Enqueue(_ context.Context, queue string, message []byte) error {
	m.add(queue + " " + string(message))
	return storage.CheckMessage(queue, message, false)
}

func (m *memory) Write(_ context.Context, table string, changes []storage.Change) error {
	for _, change := range changes {
		members := map[string]any{"PartitionKey": change.Row.PartitionKey, "RowKey": change.Row.RowKey}
		for _, c := range change.Row.Columns {
			members[c.Name] = c.Value
		}
		if change.If != storage.Always {
			return storage.ErrConflict
		}
		m.add(table + " " + rowText(members))
	}
	return storage.CheckChanges(table, changes)
}

func (m *memory) PutBlob(_ context.Context, container, name string, content []byte) error {
	if len(content) > 0 { // a blob is created empty before it gets its content
		m.add(container + " " + string(content))
	}
	return storage.CheckBlob(container, name)
}

// checkQueueMessages checks that a queue takes each queue message, and that strict
// readers of JSON and of CloudEvents read it.
func (a answer) checkQueueMessages(t *testing.T) {
	t.Helper()
	for _, text := range slices.Concat(a.Outputs.InboundMessages, a.Outputs.StatusUpdates, a.Outputs.FailedMessages, a.Outputs.MediaRequests) {
		var message struct {
			ID      string `json:"id"`
			Source  string `json:"source"`
			Subject string `json:"subject"`
		}
		if err := json.Unmarshal([]byte(text), &message, jsontext.AllowDuplicateNames(true)); err != nil {
			t.Fatalf("%v\n%.2000s", err, text)
		}
		if _, err := url.Parse(message.Source); err != nil || message.Source == "" || message.ID == "" || message.Subject == "" {
			t.Fatalf("source %q, id %q, subject %q: %v", message.Source, message.ID, message.Subject, err)
		}
		if size := len(text); size > 48<<10 {
			t.Fatalf("a queue message of %d bytes", size)
		}
		if levels := depth([]byte(text)); levels > 64 {
			t.Fatalf("a queue message of %d levels", levels)
		}
	}
}

// checkAccounts checks that each event is written once, or rejected, and returns
// those that are rejected.
func (a answer) checkAccounts(t *testing.T, function string, events int) []rejectedEvent {
	t.Helper()
	rejected := a.rejected(t).Events
	onlyRejected := 0
	for _, r := range rejected {
		if !r.Written {
			onlyRejected++
		}
	}
	each := [][]string{a.Outputs.InboundMessages}
	if function == statuses {
		each = [][]string{a.Outputs.MessageStatus, a.Outputs.StatusUpdates}
	}
	for _, written := range each {
		if len(written)+onlyRejected != events || len(rejected) > events {
			t.Fatalf("%d events at %s: %d written, %d rejected", events, function, len(written), onlyRejected)
		}
	}
	if written := events - onlyRejected; function == receiver && (len(a.Outputs.Messages) < written || len(a.Outputs.Messages) > 2*written) {
		t.Fatalf("%d events written to %d rows", written, len(a.Outputs.Messages))
	}
	return rejected
}

// sameJSON reports whether two texts are the same JSON. White space and escape
// sequences may differ; the order of fields and the digits of a number may not.
func sameJSON(a, b []byte) bool {
	left, right := jsontext.NewDecoder(bytes.NewReader(a), lenient.Options()), jsontext.NewDecoder(bytes.NewReader(b), lenient.Options())
	for {
		one, errOne := left.ReadToken()
		other, errOther := right.ReadToken()
		if errOne != nil || errOther != nil {
			return errors.Is(errOne, io.EOF) && errors.Is(errOther, io.EOF)
		}
		if one.Kind() != other.Kind() || one.String() != other.String() {
			return false
		}
	}
}

// deepest is how deep JSON may be nested to fit into other JSON. What is deeper is
// kept as text.
const deepest = 9_900

func depth(text []byte) (deepest int) {
	decoder := jsontext.NewDecoder(bytes.NewReader(text), lenient.Options())
	for {
		if _, err := decoder.ReadToken(); err != nil {
			return deepest
		}
		deepest = max(deepest, decoder.StackDepth())
	}
}

// checkKept checks that a rejected event is kept unchanged.
func (r rejectedEvent) checkKept(t *testing.T, event []byte) {
	t.Helper()
	switch {
	case r.Text != nil && *r.Text == string(event):
	case r.Text == nil && sameJSON(r.Event, event):
	default:
		t.Fatalf("the kept event differs:\n%.1000s\n%.1000s", r.Event, event)
	}
}

// checkRaw checks that the outputs have the event's data unchanged, unless they have
// none.
func (a answer) checkRaw(t *testing.T, data []byte) {
	t.Helper()
	for _, text := range slices.Concat(a.Outputs.InboundMessages, a.Outputs.StatusUpdates, a.Outputs.FailedMessages) {
		var message struct {
			Data struct {
				Raw     jsontext.Value `json:"raw"`
				Omitted bool           `json:"rawOmitted"`
			} `json:"data"`
		}
		if err := json.Unmarshal([]byte(text), &message, lenient.Options()); err != nil {
			t.Fatal(err)
		}
		if message.Data.Omitted != (message.Data.Raw == nil) {
			t.Fatalf("raw is there: %t; omitted: %t", message.Data.Raw != nil, message.Data.Omitted)
		}
		if message.Data.Raw != nil && !sameJSON(message.Data.Raw, data) {
			t.Fatalf("raw is not the data:\n%.1000s\n%.1000s", message.Data.Raw, data)
		}
	}
	for _, text := range slices.Concat(a.Outputs.Messages, a.Outputs.MessageStatus) {
		var row struct{ Event *string }
		if err := json.Unmarshal([]byte(text), &row); err != nil {
			t.Fatal(err)
		}
		if row.Event == nil {
			if len(a.rejected(t).Events) == 0 {
				t.Fatalf("a row without the event, which is kept nowhere: %.500s", text)
			}
		} else if !sameJSON([]byte(*row.Event), data) {
			t.Fatalf("the row's event is not the data:\n%.1000s\n%.1000s", *row.Event, data)
		}
	}
}
