package app_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/internal/testkit"
)

// queues returns the defaults.
func queues(text bool) app.Queues {
	return app.Queues{
		Text: text, BatchSize: 16, NewBatchThreshold: 8 * runtime.GOMAXPROCS(0), MaxPollingInterval: 2 * time.Second, MaxDequeueCount: 5,
	}
}

// withQueues returns host.json with a section extensions.queues.
func withQueues(section string) string {
	return strings.Replace(goodHost, "{", `{"extensions":{"queues":{`+section+`}},`, 1)
}

func TestQueueOptions(t *testing.T) {
	for section, change := range map[string]func(*app.Queues){
		``: func(*app.Queues) {},
		`"maxPollingInterval":"00:00:01","visibilityTimeout":"00:00:30","maxDequeueCount":3,"batchSize":4,"newBatchThreshold":2`: func(q *app.Queues) {
			*q = app.Queues{BatchSize: 4, NewBatchThreshold: 2, MaxPollingInterval: time.Second, VisibilityTimeout: 30 * time.Second, MaxDequeueCount: 3}
		},
		`"batchSize":1`: func(q *app.Queues) { q.BatchSize, q.NewBatchThreshold = 1, 0 },
		`"BatchSize":32,"newBatchThreshold":0,"MessageEncoding":"NONE"`: func(q *app.Queues) { q.BatchSize, q.NewBatchThreshold, q.Text = 32, 0, true },
		`"maxPollingInterval":"00:00:00.1","messageEncoding":"Base64"`:  func(q *app.Queues) { q.MaxPollingInterval = 100 * time.Millisecond },
		`"visibilityTimeout":"7.00:00:00"`:                              func(q *app.Queues) { q.VisibilityTimeout = 7 * 24 * time.Hour },
	} {
		want := queues(false)
		change(&want)
		a, err := app.Open(folder(t, map[string]string{"host.json": withQueues(section)}))
		testkit.Must(t, err)
		if diff := cmp.Diff(want, a.Host.Queues); diff != "" {
			t.Errorf("%s: %s", section, diff)
		}
	}
}

func TestQueueOptionsRefused(t *testing.T) {
	for section, want := range map[string]string{
		`"batchSize":0`:                    "batchSize must be a number from 1 to 32",
		`"batchSize":33`:                   "batchSize must be a number from 1 to 32",
		`"batchSize":"many"`:               "batchSize must be a number from 1 to 32",
		`"newBatchThreshold":-1`:           "newBatchThreshold must be a number from 0 to 2147483647",
		`"maxDequeueCount":0`:              "maxDequeueCount must be a number from 1 to 2147483647",
		`"maxPollingInterval":"00:00:00"`:  `maxPollingInterval must be at least "00:00:00.1"`,
		`"maxPollingInterval":"-1"`:        `maxPollingInterval must be at least "00:00:00.1"`,
		`"maxPollingInterval":"1s"`:        `maxPollingInterval must be a time such as "00:05:00"`,
		`"visibilityTimeout":"-1"`:         "visibilityTimeout must be from 0 seconds to 7 days",
		`"visibilityTimeout":"7.00:00:01"`: "visibilityTimeout must be from 0 seconds to 7 days",
		`"messageEncoding":"utf8"`:         `messageEncoding is "utf8": write base64 or none`,
	} {
		_, err := app.Open(folder(t, map[string]string{"host.json": withQueues(section)}))
		if want = "host.json: extensions.queues." + want; err == nil || err.Error() != want {
			t.Errorf("%s: got  %v\nwant %s", section, err, want)
		}
	}
}

// queueFunction returns a function.json with a queue trigger.
func queueFunction(fields string) string {
	return bindings(`{"type":"queueTrigger","direction":"in","name":"item"` + fields + `}`)
}

const storageSetting = `"AzureWebJobsStorage":"UseDevelopmentStorage=true"`

func TestQueueTrigger(t *testing.T) {
	settings := `{"Values":{` + storageSetting + `,"Own":"UseDevelopmentStorage=true","Mine__queueServiceUri":"https://q","Part":"Requests","Whole":"in-queue"}}`
	for fields, want := range map[string]struct{ queue, fault string }{
		`,"queueName":"media-requests"`:                        {"media-requests", ""},
		`,"queueName":"Media-Requests","connection":"Own"`:     {"media-requests", ""},
		`,"queueName":"%Whole%","connection":"Mine"`:           {"in-queue", ""},
		`,"queueName":"media-%part%"`:                          {"media-requests", ""},
		`,"queueName":"%Missing%"`:                             {"", "queueName has %Missing%, which is not an app setting"},
		``:                                                     {"", "queueName is missing"},
		`,"queueName":"a_b"`:                                   {"", `queueName is "a_b": 3 to 63 of a-z, 0-9 and single hyphens`},
		`,"queueName":"{x}"`:                                   {"", `queueName is "{x}": 3 to 63 of a-z, 0-9 and single hyphens`},
		`,"queueName":"` + strings.Repeat("x", 64) + `"`:       {"", `queueName is "` + strings.Repeat("x", 64) + `": 3 to 63 of a-z, 0-9 and single hyphens`},
		`,"queueName":"media-requests","connection":"Nowhere"`: {"", `connection is wrong: connection "Nowhere": there is no setting Nowhere or AzureWebJobsNowhere, and no connection string of that name`},
		`,"queueName":"media-requests","cardinality":"severa"`: {"", `cardinality is "severa": write one or many`},
		`,"queueName":"media-requests","dataType":"binary"`:    {"media-requests", ""},
		`,"queueName":"` + strings.Repeat("x", 63) + `"`:       {strings.Repeat("x", 63), ""},
		`,"queueName":"media-requests","connection":"Storage"`: {"media-requests", ""},
	} {
		a, err := app.Open(folder(t, map[string]string{"Q/function.json": queueFunction(fields), "local.settings.json": settings}))
		testkit.Must(t, err)
		if f, ok := a.Function("Q"); ok != (want.fault == "") || f.Queue != want.queue {
			t.Errorf("%s: got %q, %+v", fields, f.Queue, a.Inactive)
		}
		if want.fault != "" && (len(a.Inactive) != 1 || a.Inactive[0].Reason != "Q/function.json: bindings[0]."+want.fault) {
			t.Errorf("%s: got %+v, want %s", fields, a.Inactive, want.fault)
		}
	}
}

func TestQueueWarnings(t *testing.T) {
	function := func(queue string) string { return queueFunction(fmt.Sprintf(`,"queueName":%q`, queue)) }
	a, err := app.Open(folder(t, map[string]string{
		"A/function.json": function("same"), "B/function.json": function("same"), "C/function.json": function("other-poison"),
		"D/function.json": function(strings.Repeat("d", 57)), "E/function.json": function(strings.Repeat("e", 56)), "local.settings.json": `{"Values":{` + storageSetting + `}}`,
	}))
	testkit.Must(t, err)
	const none = " has no poison queue: after a failure a message is hidden for 10 minutes, and after maxDequeueCount calls it stays in the queue until it expires"
	want := []string{
		"B/function.json: the queue same also triggers A: each message invokes only one of the two functions",
		"C/function.json: the queue other-poison" + none,
		"D/function.json: the queue " + strings.Repeat("d", 57) + none,
	}
	if diff := cmp.Diff(want, a.Warnings); diff != "" {
		t.Error(diff)
	}
}
