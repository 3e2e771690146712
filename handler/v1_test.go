package main

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"whatsapp-functions/handler/lenient"
)

// v1File has the outputs of every sample in version 1, one line each, from when the
// sample was new. No flag rewrites a line: -freeze only adds those of new samples.
const v1File = "testdata/v1.jsonl"

var freeze = flag.Bool("freeze", false, "add the outcomes of new samples to "+v1File)

// versioning explains the rule for changes of what consumers receive.
const versioning = "consumers of version 1 rely on this: within a version fields may be added, never changed or removed. " +
	"What must change goes into a version 2, a new event type or table that is written beside version 1"

// frozen is a line of v1File.
type frozen struct {
	Function string `json:"function"`
	Sample   string `json:"sample"`
	// MediaRequests means that the app binds the output mediaRequests, which adds
	// fields to others.
	MediaRequests bool    `json:"mediaRequests,omitzero"`
	Outcome       outcome `json:"outcome"`
}

func readV1(t *testing.T) (lines []frozen) {
	t.Helper()
	text, err := os.ReadFile(v1File)
	if err != nil && !(*freeze && errors.Is(err, fs.ErrNotExist)) {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var f frozen
		if err := json.Unmarshal(line, &f, lenient.Options()); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, f)
	}
	return lines
}

// outputsV1 returns the texts of an outcome by output.
func (o outcome) outputsV1() map[string][]jsontext.Value {
	return map[string][]jsontext.Value{
		"inboundMessages": o.InboundMessages, "messages": o.Messages, "messageStatus": o.MessageStatus,
		"failedMessages": o.FailedMessages, "statusUpdates": o.StatusUpdates, "preferences": o.Preferences, "channelEvents": o.ChannelEvents,
		"mediaRequests": o.MediaRequests,
	}
}

// Version 1 always writes the same of a sample, except that fields may be added.
func TestVersion1IsKept(t *testing.T) {
	apps := map[bool]served{false: serve(t, withEveryOutput(t)), true: serve(t, withEveryOutput(t, mediaRequests()...))}
	kept := map[string]bool{}
	for _, f := range readV1(t) {
		kept[f.key()] = true
		now := apps[f.MediaRequests].outcome(t, f.Function, f.Sample)
		outputs := now.outputsV1()
		for name, before := range f.Outcome.outputsV1() {
			if len(before) != len(outputs[name]) {
				t.Errorf("%s at %s: %s gets %d, and got %d: %s", f.Sample, f.Function, name, len(outputs[name]), len(before), versioning)
				continue
			}
			for i := range before {
				for _, change := range changes(name, anyJSON(t, before[i]), anyJSON(t, outputs[name][i])) {
					t.Errorf("%s at %s: %s: %s", f.Sample, f.Function, change, versioning)
				}
			}
		}
		for i, r := range f.Outcome.Rejected {
			// The detail is for people.
			if i >= len(now.Rejected) || r.Event != now.Rejected[i].Event || r.Reason != now.Rejected[i].Reason || r.Written != now.Rejected[i].Written {
				t.Errorf("%s at %s: event %d is not rejected any more as %s: %s", f.Sample, f.Function, r.Event, r.Reason, versioning)
			}
		}
	}
	for function, names := range map[string][]string{receiver: samples(t), statuses: samples(t), webhook: webhooks(t, "")} {
		for _, name := range names {
			for bound, app := range apps {
				now := frozen{function, name, bound, app.outcome(t, function, name)}
				switch {
				case kept[now.key()] || bound && len(now.Outcome.MediaRequests) == 0:
				case *freeze:
					appendV1(t, now)
				default:
					t.Errorf("%s at %s is not in %s: go test ./handler -run TestVersion1IsKept -freeze adds it", name, function, v1File)
				}
			}
		}
	}
}

// key identifies the line.
func (f frozen) key() string { return fmt.Sprintf("%s/%s %t", f.Function, f.Sample, f.MediaRequests) }

// served is an app that is called by Event Grid and by Meta.
type served struct{ eventGrid, cloudAPI http.Handler }

func serve(t testing.TB, root string) served {
	return served{serveApp(t, root, io.Discard), serveWebhook(t, root, new(bytes.Buffer), nil)}
}

// outcome returns the outcome of a sample or webhook at a function.
func (s served) outcome(t *testing.T, function, name string) outcome {
	t.Helper()
	if function == webhook {
		return callWebhook(t, s.cloudAPI, signedWebhook(webhookText(t, name), "secret")).outcome(t).outcome
	}
	return deliveries["all at once"](t, s.eventGrid, function, sample(t, name))
}

func appendV1(t *testing.T, f frozen) {
	t.Helper()
	line, err := json.Marshal(f, lenient.Options())
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(v1File, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
}

func anyJSON(t *testing.T, text jsontext.Value) (value any) {
	t.Helper()
	if err := json.Unmarshal(text, &value, jsontext.AllowDuplicateNames(true)); err != nil {
		t.Fatal(err)
	}
	return value
}

// changes returns the places where a value has changed. An added field is not a
// change.
func changes(path string, before, now any) (all []string) {
	old, isObject := before.(map[string]any)
	fresh, isStill := now.(map[string]any)
	if !isObject || !isStill {
		if !reflect.DeepEqual(before, now) {
			return []string{fmt.Sprintf("%s was %.200q, is %.200q", path, fmt.Sprint(before), fmt.Sprint(now))}
		}
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(old)) {
		if value, ok := fresh[name]; ok {
			all = append(all, changes(path+"."+name, old[name], value)...)
		} else {
			all = append(all, path+"."+name+" is gone")
		}
	}
	return all
}

// Only added fields are not a change.
func TestChanges(t *testing.T) {
	for name, test := range map[string]struct{ before, now, want string }{
		"nothing":                   {`{"a":{"b":[1]}}`, `{"a":{"b":[1]}}`, ""},
		"a field added":             {`{"a":{"b":1}}`, `{"a":{"b":1,"c":2},"d":3}`, ""},
		"a field removed":           {`{"a":{"b":1}}`, `{"a":{}}`, "o.a.b is gone"},
		"another value":             {`{"a":{"b":1}}`, `{"a":{"b":2}}`, `o.a.b was "1", is "2"`},
		"another type":              {`{"a":"1"}`, `{"a":1}`, `o.a was "1", is "1"`},
		"an element more":           {`{"a":[1]}`, `{"a":[1,2]}`, `o.a was "[1]", is "[1 2]"`},
		"an object becomes a value": {`{"a":{}}`, `{"a":null}`, `o.a was "map[]", is "<nil>"`},
	} {
		got := strings.Join(changes("o", anyJSON(t, jsontext.Value(test.before)), anyJSON(t, jsontext.Value(test.now))), "; ")
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// The schemas accept everything that version 1 has written.
func TestSchemasTakeVersion1(t *testing.T) {
	compiled := schemas(t)
	of := map[string]string{
		"inboundMessages": schemaReceived, "messages": schemaMessages, "messageStatus": schemaStatusRow, "failedMessages": schemaStatus, "statusUpdates": schemaStatus,
		"preferences": schemaPreference, "channelEvents": schemaChannelEvent, "mediaRequests": schemaMediaRequested,
	}
	for _, f := range readV1(t) {
		for name, texts := range f.Outcome.outputsV1() {
			for _, text := range texts {
				if err := validate(compiled[of[name]], string(text)); err != nil {
					t.Errorf("%s at %s: %v: %s", f.Sample, f.Function, err, versioning)
				}
			}
		}
	}
}
