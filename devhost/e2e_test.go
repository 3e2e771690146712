package main

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/internal/testkit/azuritetest"
)

// golden is the expected result of a sample, from the handler's golden files.
type golden struct {
	InboundMessages []jsontext.Value `json:"inboundMessages"`
	Messages        []jsontext.Value `json:"messages"`
	MessageStatus   []jsontext.Value `json:"messageStatus"`
	FailedMessages  []jsontext.Value `json:"failedMessages"`
	Rejected        []struct {
		Reason string `json:"reason"`
		Detail string `json:"detail"`
	} `json:"rejected"`
}

// found is the content of storage in the same form.
type found struct {
	queues  map[string][]string
	tables  map[string][]map[string]any
	reasons []string
}

// canonical returns JSON in a form in which spellings don't count. The host
// rewrites events, and keeps the last of two fields with one name.
func canonical(t *testing.T, text string) string {
	t.Helper()
	rewritten, err := dotnet.Read([]byte(text), dotnet.Options{Depth: 1000})
	if err != nil {
		t.Fatal(err)
	}
	value := jsontext.Value(rewritten.Compact())
	if err := value.Canonicalize(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		t.Fatal(err)
	}
	return string(value)
}

// canonicalEvent puts a row's column Event into its canonical form.
func canonicalEvent(t *testing.T, columns map[string]any) {
	t.Helper()
	if event, ok := columns["Event"].(string); ok {
		columns["Event"] = canonical(t, event)
	}
}

func (g golden) found(t *testing.T) found {
	t.Helper()
	f := found{queues: map[string][]string{}, tables: map[string][]map[string]any{}}
	for queue, messages := range map[string][]jsontext.Value{"inbound-messages": g.InboundMessages, "failed-messages": g.FailedMessages} {
		for _, message := range messages {
			f.queues[queue] = append(f.queues[queue], canonical(t, string(message)))
		}
	}
	for table, rows := range map[string][]jsontext.Value{"Messages": g.Messages, "MessageStatus": g.MessageStatus} {
		last := map[string]map[string]any{} // the last row with a key wins
		for _, row := range rows {
			var columns map[string]any
			if err := json.Unmarshal(row, &columns); err != nil {
				t.Fatal(err)
			}
			delete(columns, "ETag")
			canonicalEvent(t, columns)
			last[rowKey(columns)] = columns
		}
		for _, columns := range last {
			f.tables[table] = append(f.tables[table], columns)
		}
	}
	for _, r := range g.Rejected {
		f.reasons = append(f.reasons, r.Reason+": "+r.Detail)
	}
	f.sort()
	return f
}

func (f *found) sort() {
	for _, messages := range f.queues {
		slices.Sort(messages)
	}
	for _, rows := range f.tables {
		slices.SortFunc(rows, func(a, b map[string]any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	slices.Sort(f.reasons)
}

// read returns the content of storage.
func read(t *testing.T, store storage.Storage) found {
	t.Helper()
	f := found{queues: map[string][]string{}, tables: map[string][]map[string]any{}}
	queues, err := store.Names(t.Context(), storage.Queues)
	if err != nil {
		t.Fatal(err)
	}
	for _, queue := range queues {
		messages, err := store.Messages(t.Context(), queue)
		if err != nil {
			t.Fatal(err)
		}
		for _, message := range messages {
			f.queues[queue] = append(f.queues[queue], canonical(t, string(message.Body)))
		}
	}
	tables, err := store.Names(t.Context(), storage.Tables)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		rows, err := store.Rows(t.Context(), table)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			columns := map[string]any{"PartitionKey": row.PartitionKey, "RowKey": row.RowKey}
			for _, c := range row.Columns {
				columns[c.Name] = c.Value
				if number, ok := c.Value.(int64); ok {
					columns[c.Name] = float64(number)
				}
			}
			canonicalEvent(t, columns)
			f.tables[table] = append(f.tables[table], columns)
		}
	}
	blobs, err := store.Blobs(t.Context(), "rejected-events")
	if err != nil {
		t.Fatal(err)
	}
	for _, blob := range blobs {
		var document struct {
			Events []struct {
				Reason string `json:"reason"`
				Detail string `json:"detail"`
			} `json:"events"`
		}
		if err := json.Unmarshal(blob.Content, &document, jsontext.AllowDuplicateNames(true)); err != nil {
			t.Fatal(err)
		}
		for _, event := range document.Events {
			f.reasons = append(f.reasons, event.Reason+": "+event.Detail)
		}
	}
	f.sort()
	return f
}

// withoutRows removes the rows with some keys.
func (f found) withoutRows(keys map[string]bool) found {
	tables := map[string][]map[string]any{}
	for table, rows := range f.tables {
		rows = slices.DeleteFunc(slices.Clone(rows), func(row map[string]any) bool { return keys[rowKey(row)] })
		if len(rows) > 0 {
			tables[table] = rows
		}
	}
	f.tables = tables
	return f
}

func rowKey(row map[string]any) string { return fmt.Sprint(row["PartitionKey"], "\n", row["RowKey"]) }

// repeatedKeys returns the keys of rows that several events of a sample write.
// With cardinality one the events are handled at once, so any of them may be the
// last.
func (g golden) repeatedKeys(t *testing.T) map[string]bool {
	t.Helper()
	seen, repeated := map[string]bool{}, map[string]bool{}
	for _, text := range slices.Concat(g.Messages, g.MessageStatus) {
		var row map[string]any
		if err := json.Unmarshal(text, &row); err != nil {
			t.Fatal(err)
		}
		if key := rowKey(row); seen[key] {
			repeated[key] = true
		} else {
			seen[key] = true
		}
	}
	return repeated
}

func (f found) diff(other found) string {
	return cmp.Diff(f.queues, other.queues) + cmp.Diff(f.tables, other.tables) + cmp.Diff(f.reasons, other.reasons)
}

// Every sample, delivered to either function in either cardinality, arrives in
// storage as its golden file says; delivered again it changes no row and adds
// no other message.
func TestSamplesArrive(t *testing.T) {
	testSamplesArrive(t, platform.Embedded)
}

func TestSamplesArriveInAzurite(t *testing.T) {
	testkit.Long(t, "TestSamplesArrive again, on Azurite")
	testSamplesArrive(t, azuritetest.Start(t, azurite.Options{}).Connection)
}

func testSamplesArrive(t *testing.T, store string) {
	files, err := filepath.Glob(filepath.Join(repository, "testdata/events/*.json"))
	if err != nil || len(files) < 80 {
		t.Fatal(len(files), "samples", err)
	}
	for _, many := range []string{"one", "many"} {
		p, shown := serve(t, appFolder(t, cardinality(many)), store)
		for _, function := range []string{"AdvancedMessageTrigger", "StatusTrigger"} {
			for _, file := range files {
				name := filepath.Base(file)
				t.Run(many+"/"+function+"/"+name, func(t *testing.T) {
					body, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					text, err := os.ReadFile(filepath.Join(repository, "handler/testdata/golden", function, name))
					if err != nil {
						t.Fatal(err)
					}
					var g golden
					if err := json.Unmarshal(text, &g, jsontext.AllowDuplicateNames(true)); err != nil {
						t.Fatal(err)
					}
					if err := p.Storage().Clear(t.Context()); err != nil {
						t.Fatal(err)
					}
					if tooDeep(file) {
						if status := deliver(t, p, function, body); status != http.StatusInternalServerError {
							t.Errorf("status %d", status)
						}
						return
					}
					unordered := map[string]bool{}
					if many == "one" {
						unordered = g.repeatedKeys(t)
					}
					if status := deliver(t, p, function, body); status != http.StatusAccepted {
						t.Fatalf("status %d:\n%s", status, shown)
					}
					first := read(t, p.Storage()).withoutRows(unordered)
					if diff := g.found(t).withoutRows(unordered).diff(first); diff != "" {
						t.Error(diff)
					}
					if status := deliver(t, p, function, body); status != http.StatusAccepted {
						t.Fatalf("status %d:\n%s", status, shown)
					}
					again := read(t, p.Storage()).withoutRows(unordered)
					if diff := cmp.Diff(first.tables, again.tables); diff != "" {
						t.Errorf("rows, delivered again: %s", diff)
					}
					for queue, messages := range again.queues {
						if diff := cmp.Diff(slices.Compact(first.queues[queue]), slices.Compact(messages)); diff != "" {
							t.Errorf("messages, delivered again: %s", diff)
						}
					}
				})
			}
		}
	}
}

// Bodies that are not a plain array.
func TestRawBodies(t *testing.T) {
	for _, many := range []string{"one", "many"} {
		p, shown := serve(t, appFolder(t, cardinality(many)), platform.Embedded)
		for file, want := range map[string]struct {
			status int
			shows  string
		}{
			"ce_single_object.json":     {202, "events=1 function=AdvancedMessageTrigger"},
			"eg_single_object.json":     {202, "events=1 function=AdvancedMessageTrigger"},
			"eg_dead_letter_array.json": {202, "events=1 function=AdvancedMessageTrigger"},
			"bom_array.json":            {202, ""},
			"top_level_null.json":       {500, "the delivery can't be read: it must be an object or an array of objects"},
			"truncated.json":            {500, "the delivery can't be read: line 1: unexpected end, expected a closing quote"},
			"":                          {500, "the delivery can't be read: line 1, column 1: unexpected 'h', expected a value"},
		} {
			body := []byte("hello")
			if file != "" {
				var err error
				if body, err = os.ReadFile(filepath.Join(repository, "testdata/events/raw", file)); err != nil {
					t.Fatal(err)
				}
			}
			before := len(shown.String())
			if status := deliver(t, p, "AdvancedMessageTrigger", body); status != want.status {
				t.Errorf("%s: status %d, want %d", file, status, want.status)
			}
			if !strings.Contains(shown.String()[before:], want.shows) {
				t.Errorf("%s: the log does not have %q:\n%s", file, want.shows, shown.String()[before:])
			}
		}
		got := read(t, p.Storage())
		if len(got.queues["inbound-messages"]) != 3 || len(got.tables["Messages"]) != 3 || len(got.reasons) != 0 {
			t.Errorf("%+v", got)
		}
	}
}

// An output that can't be written fails the delivery: Event Grid delivers it again.
func TestFailingOutput(t *testing.T) {
	p, shown := serve(t, appFolder(t, changed(t, "AdvancedMessageTrigger/function.json", `"inbound-messages"`, `"inbound--messages"`)), platform.Embedded)
	body, err := os.ReadFile(filepath.Join(repository, "testdata/events/eg_received_text.json"))
	if err != nil {
		t.Fatal(err)
	}
	if status := deliver(t, p, "AdvancedMessageTrigger", body); status != http.StatusInternalServerError {
		t.Errorf("status %d", status)
	}
	want := `output inboundMessages: invalid: queue name \"inbound--messages\": 3 to 63 of a-z, 0-9 and single hyphens`
	if !strings.Contains(shown.String(), want) {
		t.Errorf("%s is not shown:\n%s", want, shown)
	}
}
