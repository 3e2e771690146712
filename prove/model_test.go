package prove_test

import (
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/internal/testkit"
)

// caller calls a handler.
type caller interface {
	call(ctx context.Context, call bridge.Call) (bridge.Answer, error)
}

// shipped calls the handler as it ships.
type shipped struct{ client *bridge.Client }

func (s shipped) call(ctx context.Context, call bridge.Call) (bridge.Answer, error) {
	answer, _, err := s.client.Do(ctx, call, nil)
	return answer, err
}

// world runs schedules.
type world struct {
	app *app.App
	// model says what must be written for an event; handler is under test.
	model, handler caller
	tallies        *tallies
}

// tallies count what happened in all schedules.
type tallies struct {
	deliveries, failed, rows, messages, rejected, emptyBlobs atomic.Int64
}

var calls atomic.Int64

// invoke calls the function with the events, in one invocation or one for each.
// The clock and the ids differ from call to call.
func (w world) invoke(ctx context.Context, c caller, function app.Function, events []dotnet.Value, many bool) ([]bridge.Answer, error) {
	groups := [][]dotnet.Value{events}
	if !many || function.Name == webhooks {
		groups = slices.Collect(slices.Chunk(events, 1))
	}
	var answers []bridge.Answer
	for _, group := range groups {
		n := calls.Add(1)
		call := bridge.Call{
			ID: guid(n), Function: function.Name, Trigger: function.Trigger.Name, Events: group, Many: many,
			Now: time.Unix(n*1_000_003%4_000_000_000, 0), GUID: guid(-n),
		}
		if function.Name == webhooks {
			call = posted(call, group[0])
		}
		answer, err := c.call(ctx, call)
		if err != nil {
			return answers, err
		}
		answers = append(answers, answer)
	}
	return answers, nil
}

func guid(n int64) string {
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", uint32(n), uint64(n)&0xffff_ffff_ffff)
}

// write writes the answers to storage, as the host does.
func (w world) write(ctx context.Context, function app.Function, answers []bridge.Answer, store storage.Writer) ([]bridge.Written, error) {
	var written []bridge.Written
	var failures []error
	for _, answer := range answers {
		outcome, err := bridge.Write(ctx, function, answer, bridge.Expressions{
			Setting:  func(name string) (string, bool) { value, ok := w.app.Settings[name]; return value, ok },
			Function: function.Name, Now: time.Now(), GUID: func() string { return guid(calls.Add(1)) },
		}, store)
		if err == nil && function.Name == webhooks {
			err = checkAnswer(outcome.Response)
		}
		written, failures = append(written, outcome.Written...), append(failures, err)
	}
	return written, errors.Join(failures...)
}

// contents is what storage contains, or may contain.
type contents struct {
	rows     map[string]map[string]bool // by table and keys: the possible rows
	messages map[string]int             // by queue and text
	rejected map[string]int             // by function and entry
	// emptyBlobs counts blobs of 0 bytes, which the host leaves when another
	// output of the invocation fails.
	emptyBlobs int
}

func newContents() contents {
	return contents{rows: map[string]map[string]bool{}, messages: map[string]int{}, rejected: map[string]int{}}
}

func (c contents) addRow(table string, row storage.Row) {
	row.ETag = ""
	slices.SortFunc(row.Columns, func(a, b storage.Column) int { return strings.Compare(a.Name, b.Name) })
	key := strings.Join([]string{table, row.PartitionKey, row.RowKey}, "\t")
	if c.rows[key] == nil {
		c.rows[key] = map[string]bool{}
	}
	c.rows[key][string(storage.EncodeRow(row))] = true
}

// addRejected adds the entries of a blob, without the invocation's id.
func (c contents) addRejected(blob []byte) error {
	if len(blob) == 0 {
		return nil // the invocation that created it failed before it was written
	}
	var document struct {
		Function string           `json:"function"`
		Events   []jsontext.Value `json:"events"`
	}
	if err := json.Unmarshal(blob, &document, jsontext.AllowDuplicateNames(true)); err != nil {
		return err
	}
	for _, event := range document.Events {
		c.rejected[document.Function+"\t"+string(event)]++
	}
	return nil
}

// add adds what the host reports as written.
func (c contents) add(written []bridge.Written) error {
	for _, w := range written {
		if isAnswer(w.Target) {
			continue
		}
		kind, name, _ := strings.Cut(w.Target, " ")
		for _, item := range w.Items {
			switch kind {
			case "queue":
				c.messages[name+"\t"+string(item.Content)]++
			case "table":
				row, err := storage.DecodeRow(item.Content)
				if err != nil {
					return err
				}
				c.addRow(name, row)
			default:
				if err := c.addRejected(item.Content); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// check checks that the contents are what must be written for one event.
func (c contents) check(want wanted) error {
	if keys := slices.Sorted(maps.Keys(c.rows)); !slices.Equal(keys, slices.Compact(slices.Sorted(slices.Values(want.rows)))) {
		return fmt.Errorf("the rows are %q, want %q", keys, want.rows)
	}
	seen := map[string]bool{}
	var f files
	for message := range c.messages {
		queue, text, _ := strings.Cut(message, "\t")
		var event struct {
			ID string `json:"id"`
		}
		if err := errors.Join(json.Unmarshal([]byte(text), &event), f.add(queue, text)); err != nil {
			return fmt.Errorf("%s: %w", queue, err)
		}
		if !slices.Contains(want.ids, event.ID) {
			return fmt.Errorf("%s: the id is %q, want one of %q", queue, event.ID, want.ids)
		}
		seen[event.ID] = true
	}
	for _, id := range want.ids {
		if !seen[id] {
			return fmt.Errorf("no queue message has the id %q", id)
		}
	}
	if err := f.check(); err != nil {
		return err
	}
	if want.rejected != (len(c.rejected) > 0) {
		return fmt.Errorf("%d rejections; rejected: %t", len(c.rejected), want.rejected)
	}
	return nil
}

// nowhere is storage that accepts everything and keeps nothing.
type nowhere struct{}

func (nowhere) Enqueue(context.Context, string, []byte) error         { return nil }
func (nowhere) Write(context.Context, string, []storage.Change) error { return nil }
func (nowhere) PutBlob(context.Context, string, string, []byte) error { return nil }

// expect returns what must be in storage in the end: what each event gives when
// it is delivered once, alone. It checks that against what the test knows.
func (w world) expect(ctx context.Context, s schedule) (contents, error) {
	all := newContents()
	for i, e := range s.events {
		function, _ := w.app.Function(e.function)
		answers, err := w.invoke(ctx, w.model, function, []dotnet.Value{e.event}, true)
		if err != nil {
			return all, err
		}
		written, err := w.write(ctx, function, answers, nowhere{})
		if err != nil {
			return all, err
		}
		alone := newContents()
		if err := errors.Join(alone.add(written), all.add(written)); err != nil {
			return all, err
		}
		switch {
		case e.want != nil:
			err = alone.check(*e.want)
		case len(alone.messages)+len(alone.rejected) == 0 || len(alone.rows)+len(alone.rejected) == 0:
			err = errors.New("it is neither written nor rejected")
		}
		if err != nil {
			return all, fmt.Errorf("event %d: %w", i, err)
		}
	}
	return all, nil
}

// read returns the contents of storage.
func read(ctx context.Context, store storage.Storage) (contents, error) {
	c := newContents()
	all, err := storage.ReadContents(ctx, store)
	if err != nil {
		return c, err
	}
	for _, queue := range all.Queues {
		for _, message := range queue.Messages {
			c.messages[queue.Name+"\t"+string(message.Body)]++
		}
	}
	for _, table := range all.Tables {
		for _, row := range table.Rows {
			c.addRow(table.Name, row)
		}
	}
	for _, container := range all.Containers {
		for _, blob := range container.Blobs {
			if len(blob.Content) == 0 {
				c.emptyBlobs++
				continue
			}
			if err := c.addRejected(blob.Content); err != nil {
				return c, err
			}
		}
	}
	return c, nil
}

// violations returns the differences from what must be there.
func (c contents) violations(want contents) (wrong []string) {
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for _, key := range slices.Sorted(maps.Keys(want.rows)) {
		if c.rows[key] == nil {
			complain("row missing: %q", key)
		}
		for text := range c.rows[key] {
			if !want.rows[key][text] {
				complain("unexpected content of a row: %.300s", text)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(c.rows)) {
		if want.rows[key] == nil {
			complain("unexpected row: %q", key)
		}
	}
	for what, pair := range map[string][2]map[string]int{"message": {c.messages, want.messages}, "rejection": {c.rejected, want.rejected}} {
		for _, text := range slices.Sorted(maps.Keys(pair[1])) {
			if pair[0][text] == 0 {
				complain("%s missing: %.300s", what, text)
			}
		}
		for _, text := range slices.Sorted(maps.Keys(pair[0])) {
			if pair[1][text] == 0 {
				complain("unexpected %s: %.300s", what, text)
			}
		}
	}
	return wrong
}

// run runs a schedule with storage in an empty folder, and returns what is
// wrong.
func (w world) run(ctx context.Context, s schedule, folder string) (wrong []string, err error) {
	store, err := embedded.Open(folder)
	if err != nil {
		return nil, err
	}
	store.Folder.NoSync = true // thousands of schedules write here
	want, err := w.expect(ctx, s)
	if err != nil {
		return []string{err.Error()}, nil
	}
	var watch watch
	var late func() error
	for i, d := range s.deliveries {
		before := late
		late = nil
		write, err := w.deliver(ctx, s, d, &faulty{Storage: store, fault: d.fault, watch: &watch})
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("delivery %d fails: %v", i, err))
		}
		if before != nil {
			if err := before(); err != nil {
				wrong = append(wrong, fmt.Sprintf("delivery %d, late, fails: %v", i-1, err))
			}
		}
		if d.late {
			late = write
		} else if err := write(); err != nil {
			wrong = append(wrong, fmt.Sprintf("delivery %d fails: %v", i, err))
		}
	}
	if late != nil {
		if err := late(); err != nil {
			wrong = append(wrong, err.Error())
		}
	}
	got, err := read(ctx, store)
	if err != nil {
		return nil, err
	}
	w.tallies.rows.Add(int64(len(got.rows)))
	for _, n := range got.messages {
		w.tallies.messages.Add(int64(n))
	}
	w.tallies.rejected.Add(int64(len(got.rejected)))
	w.tallies.emptyBlobs.Add(int64(got.emptyBlobs))
	return append(append(wrong, watch.violations...), got.violations(want)...), nil
}

// deliver calls the handler for one delivery, and returns the function that
// writes the answers. An error is one that the delivery's fault does not cause.
func (w world) deliver(ctx context.Context, s schedule, d delivery, store *faulty) (write func() error, err error) {
	w.tallies.deliveries.Add(1)
	if !d.accepted() {
		w.tallies.failed.Add(1)
	}
	nothing := func() error { return nil }
	if d.fault.kind == lostRequest {
		return nothing, nil
	}
	function, _ := w.app.Function(d.function)
	var events []dotnet.Value
	for _, i := range d.events {
		events = append(events, s.events[i].event)
	}
	answers, err := w.invoke(ctx, w.handler, function, events, d.many)
	if err != nil || d.fault.kind == lostAnswer {
		return nothing, err
	}
	return func() error {
		_, err := w.write(ctx, function, answers, store)
		if errors.Is(err, errFault) {
			return nil
		}
		return err
	}, nil
}

// newWorld starts the handler that ships, as the model and as the one under
// test.
func newWorld(t *testing.T) world {
	t.Helper()
	const statusUpdates = `{"type":"queue","direction":"out","name":"statusUpdates","queueName":"status-updates","connection":"ConversationStorage"}`
	const channelEvents = `{"type":"queue","direction":"out","name":"channelEvents","queueName":"channel-events","connection":"ConversationStorage"}`
	folder := testkit.AppFolder(t, append(mediaRequests(), testkit.WithBinding(statuses, statusUpdates), testkit.WithBinding(webhooks, statusUpdates), testkit.WithBinding(webhooks, channelEvents))...)
	a, err := app.Open(folder)
	testkit.Must(t, err)
	h := startHandler(t, folder, "META_APP_SECRETS="+appSecret)
	c := shipped{bridge.NewClient(h.address)}
	return world{app: a, model: c, handler: c, tallies: new(tallies)}
}
