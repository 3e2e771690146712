package platform_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/platform"
)

const failed = "Exception while executing function: Functions.F"

// devhost applies the host's surprising rules, and explains them in the log.
func TestTraps(t *testing.T) {
	t.Parallel()
	p, said := start(t, platform.Options{Folder: playApp(t, nil, nil)})
	for name, test := range map[string]struct {
		order  order
		status int
		body   string
		queue  []string
		blob   string
		says   []string
	}{
		"an answer without a content type": {
			order{Answer: `{"Outputs":{"queue":["a"]}}`, Type: "-"}, 500, failed, nil, "",
			[]string{`invocation failed: the answer's Content-Type is "text/plain; charset=utf-8": only application/json and text/json are read`},
		},
		"an answer that is not a success": {
			order{Answer: `{"Outputs":{"queue":["a"]},"Logs":["lost"]}`, Status: 503}, 500, failed, nil, "",
			[]string{"invocation failed: the handler answered 503 Service Unavailable: the host discards the rest of such an answer"},
		},
		"an incomplete answer": {
			order{Answer: `{}`, Cut: true}, 500, failed, nil, "",
			[]string{"invocation failed: the handler's answer is incomplete: unexpected EOF"},
		},
		"a string that is valid base64": {
			order{Answer: `{"Outputs":{"queue":"test","blob":"12345678"}}`}, 202, "", []string{"\xb5\xeb\x2d"}, "\xd7\x6d\xf8\xe7\xae\xfc",
			[]string{`warn host: output queue: the string "test" is valid base64, so the host decoded it; send strings in an array`, `warn host: output blob: the string "12345678" is valid base64`},
		},
		"strings that look like dates": {
			order{Answer: `{"Outputs":{"queue":["2023-07-06T18:30:19Z"]}}`}, 202, "", []string{"07/06/2023 18:30:19"}, "",
			[]string{"warn host: output queue: a string that looks like a date is rewritten; send strings of JSON in an array, or base64"},
		},
		"a blob that looks like a date": {
			order{Answer: `{"Outputs":{"blob":"2023-07-06T18:30:19Z"}}`}, 500, failed, nil, "",
			[]string{"invocation failed: output blob: the host takes the string for a date, which can't be written to a blob: send base64; the blob is left empty"},
		},
		"an object in a queue": {
			order{Answer: `{"Outputs":{"queue":{"a":1}}}`}, 202, "", []string{"{\n  \"a\": 1\n}"}, "",
			[]string{"warn host: output queue: an object is written to the queue on several lines, with its dates rewritten; send strings in an array"},
		},
		"a string in brackets": {
			order{Answer: `{"Outputs":{"queue":"[not json]"}}`}, 500, failed, nil, "",
			[]string{"invocation failed: output queue: the host reads a string in brackets as JSON, and this is not JSON: "},
		},
		"a number in a blob": {
			order{Answer: `{"Outputs":{"blob":42}}`}, 202, "", nil, "\x2a\x00\x00\x00",
			[]string{"warn host: output blob: a number or boolean becomes raw bytes in a blob; send base64"},
		},
		"a return value without a binding": {
			order{Answer: `{"Outputs":{"$return":"x"},"ReturnValue":"x"}`}, 202, "", nil, "",
			[]string{"warn host: output $return is not declared in F/function.json", "warn host: ReturnValue is ignored: no output is called $return"},
		},
		"a return value that is an object": {
			order{Answer: `{"Outputs":{"queue":["a"]},"ReturnValue":{"queue":"test"}}`}, 202, "", []string{"test"}, "",
			[]string{"warn host: ReturnValue is an object, so each of its fields overrides the output of that name"},
		},
		"an output in another case": {
			order{Answer: `{"Outputs":{"Queue":["a"]}}`}, 202, "", nil, "",
			[]string{"warn host: output Queue is not declared in F/function.json (names are case-sensitive): the host ignores it"},
		},
		"a line on stderr": {
			order{Answer: `{}`, Stderr: "just so you know"}, 202, "", nil, "",
			[]string{"error handler: just so you know"},
		},
		"a line on stderr that contains warn": {
			order{Answer: `{}`, Stderr: "no WARNing"}, 202, "", nil, "",
			[]string{"warn handler: no WARNing"},
		},
		"a redirection that becomes a GET": {
			order{Redirect: 302}, 202, "", []string{"from GET elsewhere"}, "",
			[]string{"warn host: the handler redirected the call, and the host followed"},
		},
		"a redirection that stays a POST": {
			order{Redirect: 307}, 202, "", []string{"from POST elsewhere"}, "",
			[]string{"warn host: the handler redirected the call, and the host followed"},
		},
		"a message that is sent though a row fails, and logs that are written before": {
			order{Answer: `{"Outputs":{"queue":["a"],"table":["x"]},"Logs":["sent"]}`}, 500, failed, []string{"a"}, "",
			[]string{"info host: sent", "invocation failed: output table: a row must be a JSON object: "},
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(said.String())
			queued := len(queue(t, p))
			status, body := deliver(t, p, "F", test.order)
			if status != test.status || body != test.body {
				t.Errorf("answer %d %q, want %d %q", status, body, test.status, test.body)
			}
			if diff := cmp.Diff(append([]string{}, test.queue...), queue(t, p)[queued:]); diff != "" {
				t.Errorf("queue: %s", diff)
			}
			if test.blob != "" && !hasBlob(t, p, test.blob) {
				t.Errorf("no blob %q", test.blob)
			}
			for _, want := range test.says {
				said.Wait(t, want, 1)
				if !strings.Contains(said.String()[before:], want) {
					t.Errorf("%q is not said:\n%s", want, said.String()[before:])
				}
			}
		})
	}
}

func hasBlob(t *testing.T, p *platform.Platform, content string) bool {
	t.Helper()
	blobs, err := p.Storage().Blobs(t.Context(), "my-blobs")
	if err != nil {
		t.Fatal(err)
	}
	for _, blob := range blobs {
		if string(blob.Content) == content {
			return true
		}
	}
	return false
}

// The empty answers: the host waits for ever, or until the function's time is
// up; then it kills the handler.
func TestEmptyAnswers(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]order{
		"nothing, with a type":    {},
		"nothing, without a type": {Type: "-"},
		"no content":              {Status: 204, Type: "-"},
		"null":                    {Answer: "null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, said := start(t, platform.Options{Folder: playApp(t, nil, nil)})
			status, body := deliver(t, p, "F", o)
			if status != 500 || body != "Timeout value of 00:00:02 was exceeded by function: Functions.F" {
				t.Errorf("answer %d %q", status, body)
			}
			said.Wait(t, "error host: the host ignores an empty answer and waits until functionTimeout, then kills the handler: answer {} with Content-Type application/json", 1)
			said.Wait(t, "warn host: the handler was killed because a function timed out: the host restarts it", 1)
			if status, _ := deliver(t, p, "F", order{Answer: "{}"}); status != 202 {
				t.Errorf("the next delivery is answered %d", status)
			}
		})
	}
}

// A function that runs out of time takes the others with it.
func TestTimeoutKillsAll(t *testing.T) {
	t.Parallel()
	p, said := start(t, platform.Options{Folder: playApp(t, nil, nil)})
	status, body := deliver(t, p, "F", order{Sleep: 60_000}, order{Sleep: 60_000, Answer: "{}"})
	if status != 500 || !strings.Contains(body, "Functions.F") {
		t.Errorf("answer %d %q", status, body)
	}
	said.Wait(t, "invocation failed: no answer within functionTimeout, 2s: the host kills the handler, and all its other invocations fail", 1)
	if status, _ := deliver(t, p, "F", order{Answer: "{}"}); status != 202 {
		t.Errorf("the next delivery is answered %d", status)
	}
	if strings.Contains(said.String(), "crash") {
		t.Errorf("it counts as a crash:\n%s", said)
	}
}

// One failed event fails the delivery, so the others are delivered again.
func TestOneFailureFailsTheDelivery(t *testing.T) {
	t.Parallel()
	p, said := start(t, platform.Options{Folder: playApp(t, nil, nil)})
	row := `{"Outputs":{"table":["{\"PartitionKey\":\"p\",\"RowKey\":\"r\"}"]}}`
	for i, want := range []string{"invocation succeeded", "EntityAlreadyExists: a row without an ETag is only inserted"} {
		status, _ := deliver(t, p, "F", order{Answer: row}, order{Status: 500})
		if status != 500 {
			t.Errorf("delivery %d is answered %d", i, status)
		}
		said.Wait(t, want, 1)
	}
}

// One event is passed as an object, several as a string.
func TestPassing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		function string
		length   bool
		orders   []order
		want     []string
	}{
		"one event: an object, in chunks": {
			"F", false, []order{{Echo: true}},
			[]string{"[chunked]", `{"Data":{"events":{"data":{"echo":true},"dataVersion":"1.0","eventTime":"2026-11-20T09:15:03Z","eventType":"T","id":"0","subject":"s"}},"Metadata":{"data":{"echo":true},"sys":{"MethodName":"F",`},
		},
		"many events: a string, with a Content-Length": {
			"M", true, []order{{Echo: true}, {}},
			[]string{"[]", `{"Data":{"events":"[{\"data\":{\"echo\":true},\"dataVersion\":\"1.0\",\"eventTime\":\"2026-11-20T09:15:03Z\",\"eventType\":\"T\",\"id\":\"0\",\"subject\":\"s\"},{\"data\":{},\"dataVersion\"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := start(t, platform.Options{Folder: playApp(t, nil, nil), ContentLength: test.length})
			if status, body := deliver(t, p, test.function, test.orders...); status != 202 {
				t.Fatalf("answer %d %s", status, body)
			}
			got := queue(t, p)
			if len(got) != 2 || got[0] != test.want[0] || !strings.HasPrefix(got[1], test.want[1]) {
				t.Errorf("got %q", got)
			}
		})
	}
}

// An expression without a value in a name or path fails the invocation.
func TestExpressionsThatFail(t *testing.T) {
	t.Parallel()
	p, said := start(t, platform.Options{Folder: playApp(t, nil, func(_, text string) string {
		return strings.Replace(text, `"my-queue"`, `"{subject}"`, 1)
	})})
	if status, _ := deliver(t, p, "F", order{Answer: `{"Outputs":{"queue":["a"]}}`}); status != 500 {
		t.Errorf("answer %d", status)
	}
	said.Wait(t, "invocation failed: output queue: queueName: {subject} has no value: an Event Grid trigger provides {data.…}", 1)
}

// A retry policy applies, although Microsoft's documentation says that it does not:
// all attempts have the same id, the count increases, and the delivery waits.
func TestRetryPolicy(t *testing.T) {
	t.Parallel()
	folder := playApp(t, nil, func(file, text string) string {
		if file != "F/function.json" {
			return text
		}
		return strings.Replace(text, "{", `{"retry":{"strategy":"fixedDelay","maxRetryCount":2,"delayInterval":"00:00:00"},`, 1)
	})
	p, said := start(t, platform.Options{Folder: folder})
	if status, _ := deliver(t, p, "F", order{FailFirst: 2, Echo: true}); status != 202 {
		t.Errorf("answer %d:\n%s", status, said)
	}
	if got := queue(t, p); len(got) != 2 || !strings.Contains(got[1], `"RetryContext":{"RetryCount":2,"MaxRetryCount":2,"Exception":null,"Instance":null,"State":{}}`) {
		t.Errorf("got %q", got)
	}
	if status, _ := deliver(t, p, "F", order{FailFirst: 3}); status != 500 {
		t.Errorf("answer %d", status)
	}
	if got := strings.Count(said.String(), "invocation failed: the handler answered 500"); got != 2+3 {
		t.Errorf("%d attempts failed:\n%s", got, said)
	}
}

// Arguments with a space become two.
func TestArgumentsWithASpace(t *testing.T) {
	t.Parallel()
	_, said := start(t, platform.Options{Folder: playApp(t, nil, func(_, text string) string {
		return strings.Replace(text, `"description":{`, `"description":{"arguments":["-a","b c"],`, 1)
	})})
	said.Wait(t, "info handler: arguments: -a|b|c", 1)
}

func TestFunctionNamesAreCaseSensitive(t *testing.T) {
	t.Parallel()
	p, said := start(t, platform.Options{Folder: playApp(t, nil, nil)})
	status, body := deliver(t, p, "f", order{})
	if status != 404 || body != "cannot find function: 'f'" {
		t.Errorf("answer %d %q", status, body)
	}
	said.Wait(t, `there is no function "f": the name in functionName is case-sensitive`, 1)
}

func TestAppWithFunctionsInError(t *testing.T) {
	t.Parallel()
	folder := playApp(t, nil, func(file, text string) string {
		if strings.HasSuffix(file, "function.json") {
			return ""
		}
		return text
	})
	p, said := start(t, platform.Options{Folder: folder})
	for _, function := range []string{"F", "M"} {
		said.Wait(t, "error devhost: the function "+function+" is in error: "+function+"/function.json: no JSON at all", 1)
		if status, body := deliver(t, p, function, order{}); status != 404 || body != "" {
			t.Errorf("%s: answer %d %q", function, status, body)
		}
	}
}

// Integers become Int64, and a string never becomes a date.
func TestColumnTypes(t *testing.T) {
	t.Parallel()
	p, _ := start(t, platform.Options{Folder: playApp(t, nil, nil)})
	row := `{"Outputs":{"table":["{\"PartitionKey\":\"p\",\"RowKey\":\"r\",\"n\":7,\"f\":1.5,\"b\":true,\"d\":\"2023-07-06T18:30:22.1900000Z\",\"x\":null}"]}}`
	if status, _ := deliver(t, p, "F", order{Answer: row}); status != 202 {
		t.Errorf("answer %d", status)
	}
	rows, err := p.Storage().Rows(t.Context(), "MyTable")
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	want := "[{n Edm.Int64 7} {f Edm.Double 1.5} {b Edm.Boolean true} {d Edm.String 2023-07-06T18:30:22.1900000Z}]"
	if got := fmt.Sprint(rows[0].Columns); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
