package main

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/lenient"
	"whatsapp-functions/internal/testkit"
)

var update = flag.Bool("update", false, "write the golden files again")

// outcome is the result of a sample at one function, as in testdata/golden: the
// outputs, and for each rejected event the reason.
type outcome struct {
	InboundMessages []jsontext.Value `json:"inboundMessages,omitempty"`
	Messages        []jsontext.Value `json:"messages,omitempty"`
	MessageStatus   []jsontext.Value `json:"messageStatus,omitempty"`
	FailedMessages  []jsontext.Value `json:"failedMessages,omitempty"`
	StatusUpdates   []jsontext.Value `json:"statusUpdates,omitempty"`
	Preferences     []jsontext.Value `json:"preferences,omitempty"`
	ChannelEvents   []jsontext.Value `json:"channelEvents,omitempty"`
	MediaRequests   []jsontext.Value `json:"mediaRequests,omitempty"`
	Rejected        []rejection      `json:"rejected,omitempty"`
}

type rejection struct {
	// Event counts the sample's events from 0.
	Event   int    `json:"event"`
	Reason  string `json:"reason"`
	Detail  string `json:"detail"`
	Written bool   `json:"written,omitzero"`
}

// add adds the answer to some of the sample's events.
func (o *outcome) add(t *testing.T, a answer, events []jsontext.Value, first int) {
	t.Helper()
	o.addOutputs(a.Outputs)
	next := 0
	for _, r := range a.rejected(t).Events {
		i := slices.IndexFunc(events[next:], func(e jsontext.Value) bool { return string(e) == string(r.Event) })
		if i < 0 {
			t.Fatalf("a rejected event that was not sent, or not in this order: %s", r.Event)
		}
		next += i + 1
		o.Rejected = append(o.Rejected, rejection{Event: first + next - 1, Reason: r.Reason, Detail: r.Detail, Written: r.Written})
	}
}

func (o *outcome) addOutputs(from outputs) {
	add := func(to *[]jsontext.Value, texts []string) {
		for _, text := range texts {
			*to = append(*to, jsontext.Value(text))
		}
	}
	add(&o.InboundMessages, from.InboundMessages)
	add(&o.Messages, from.Messages)
	add(&o.MessageStatus, from.MessageStatus)
	add(&o.FailedMessages, from.FailedMessages)
	add(&o.StatusUpdates, from.StatusUpdates)
	add(&o.Preferences, from.Preferences)
	add(&o.ChannelEvents, from.ChannelEvents)
	add(&o.MediaRequests, from.MediaRequests)
}

// json returns the content of a golden file.
func (o outcome) json(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(o, lenient.Options(), jsontext.WithIndent("  "))
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// deliveries are the forms in which the host may deliver a sample.
var deliveries = map[string]func(t *testing.T, server http.Handler, function string, events []jsontext.Value) outcome{
	"one by one, cardinality one": func(t *testing.T, server http.Handler, function string, events []jsontext.Value) (o outcome) {
		for i, event := range events {
			o.add(t, invoke(t, server, function, one(event)), events[i:i+1], i)
		}
		return o
	},
	"one by one, cardinality many": func(t *testing.T, server http.Handler, function string, events []jsontext.Value) (o outcome) {
		for i, event := range events {
			o.add(t, invoke(t, server, function, many([]jsontext.Value{event})), events[i:i+1], i)
		}
		return o
	},
	"all at once": func(t *testing.T, server http.Handler, function string, events []jsontext.Value) (o outcome) {
		o.add(t, invoke(t, server, function, many(events)), events, 0)
		return o
	},
	"all at once, as an array that is not in a string": func(t *testing.T, server http.Handler, function string, events []jsontext.Value) (o outcome) {
		array := make([]string, len(events))
		for i, event := range events {
			array[i] = string(event)
		}
		o.add(t, invoke(t, server, function, "["+strings.Join(array, ",")+"]"), events, 0)
		return o
	},
	"twice, the second counts": func(t *testing.T, server http.Handler, function string, events []jsontext.Value) (o outcome) {
		invoke(t, server, function, many(events))
		o.add(t, invoke(t, server, function, many(events)), events, 0)
		return o
	},
}

// Every sample has one outcome at each function, in whichever form it is delivered.
//
// A changed golden file is a change of what consumers receive: within version 1
// fields may be added, never changed or removed.
func TestGolden(t *testing.T) {
	server := serveApp(t, withStatusUpdates(t), io.Discard)
	for _, name := range samples(t) {
		events := sample(t, name)
		for _, function := range []string{receiver, statuses} {
			file := filepath.Join("testdata/golden", function, name+".json")
			t.Run(function+"/"+name, func(t *testing.T) {
				if *update {
					write(t, file, deliveries["all at once"](t, server, function, events).json(t))
				}
				for delivery, deliver := range deliveries {
					got := deliver(t, server, function, events).json(t)
					want, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
						t.Errorf("%s:\n%s", delivery, diff)
					}
				}
			})
		}
	}
}

// No golden file is left of a sample that was removed.
func TestGoldenFilesHaveSamples(t *testing.T) {
	names := samples(t)
	for _, function := range []string{receiver, statuses} {
		files, err := filepath.Glob(filepath.Join("testdata/golden", function, "*.json"))
		if err != nil || len(files) != len(names) {
			t.Errorf("%d golden files of %s for %d samples; %v", len(files), function, len(names), err)
		}
	}
}

// rejectedList lists every rejected event with its reason, for people to review.
const rejectedList = "testdata/rejected.tsv"

func TestRejectedList(t *testing.T) {
	server := serveApp(t, testkit.AppFolder(t), io.Discard)
	var list strings.Builder
	list.WriteString("sample\tevent\tfunction\treason\tdetail\n")
	for _, name := range samples(t) {
		events := sample(t, name)
		for _, function := range []string{receiver, statuses} {
			for _, r := range deliveries["all at once"](t, server, function, events).Rejected {
				fmt.Fprintf(&list, "%s\t%d\t%s\t%s\t%s\n", name, r.Event, function, r.Reason, r.Detail)
			}
		}
	}
	if *update {
		write(t, rejectedList, list.String())
	}
	want, err := os.ReadFile(rejectedList)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(list.String(), "\n")); diff != "" {
		t.Error(diff)
	}
}

// No event is lost: each function writes or rejects it.
func TestEveryEventIsAccountedFor(t *testing.T) {
	server := serveApp(t, testkit.AppFolder(t), io.Discard)
	for _, name := range samples(t) {
		for i, event := range sample(t, name) {
			for _, function := range []string{receiver, statuses} {
				a := invoke(t, server, function, one(event))
				written := len(a.Outputs.Messages) > 0 && len(a.Outputs.InboundMessages) > 0 || len(a.Outputs.MessageStatus) > 0
				rejected := a.rejected(t).Events
				switch {
				case len(rejected) == 0 && !written:
					t.Errorf("%s, event %d at %s: lost", name, i, function)
				case len(rejected) == 1 && written != rejected[0].Written:
					t.Errorf("%s, event %d at %s: written %t, the rejected entry has the opposite", name, i, function, written)
				case len(rejected) > 1:
					t.Errorf("%s, event %d at %s: rejected %d times", name, i, function, len(rejected))
				}
			}
		}
	}
}

// Event types are compared in any case, as in Azure's own samples.
func TestTypesInAnyCase(t *testing.T) {
	server := serveApp(t, testkit.AppFolder(t), io.Discard)
	for function, name := range map[string]string{receiver: "eg_received_text", statuses: "ce_status_failed"} {
		event := strings.Replace(string(sample(t, name)[0]), "Microsoft.Communication.", "MICROSOFT.communication.", 1)
		if rejected := invoke(t, server, function, event).rejected(t).Events; len(rejected) > 0 {
			t.Errorf("%s: %+v", function, rejected)
		}
	}
}

// withStatusUpdates returns an app that also binds statusUpdates.
func withStatusUpdates(t testing.TB, more ...testkit.Edit) string {
	t.Helper()
	return testkit.AppFolder(t, append(more, boundQueue(statuses, "statusUpdates", "status-updates"))...)
}

// boundQueue binds an output to a queue.
func boundQueue(function, output, queue string) testkit.Edit {
	return testkit.WithBinding(function, `{"type": "queue", "direction": "out", "name": "`+output+`", "queueName": "`+queue+`"}`)
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
