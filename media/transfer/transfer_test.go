package transfer_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/internal/testkit/azuritetest"
	"whatsapp-functions/media/acs"
)

// photo needs two blocks.
var photo = bytes.Repeat([]byte("0123456789abcdef"), (4<<20+16)/16)

// answer answers every call with a status.
func answer(status int, body string) func(w http.ResponseWriter, r *http.Request, call int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// first answers the first calls with a status, and the others as usual.
func first(calls, status int, usual func(w http.ResponseWriter)) func(w http.ResponseWriter, r *http.Request, call int) {
	return func(w http.ResponseWriter, _ *http.Request, call int) {
		if call <= calls {
			w.WriteHeader(status)
			return
		}
		usual(w)
	}
}

// withOther answers a media id with other values of some fields.
func withOther(g *graph, other map[string]string) func(w http.ResponseWriter, r *http.Request, call int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) { g.found(w, other) }
}

func TestTransfer(t *testing.T) { testAll(t, blobService(t)) }

func TestTransferOnAzurite(t *testing.T) {
	testkit.Long(t, "TestTransfer again, on Azurite")
	testAll(t, azuritetest.Start(t, azurite.Options{}).Connection)
}

// testAll tests with one storage account. Each test has a container of its own.
func testAll(t *testing.T, connection string) {
	for name, test := range map[string]func(t *testing.T, connection string){
		"outcomes": testOutcomes, "a repeated request": testRepeatedRequest, "concurrent calls": testConcurrentCalls,
		"storage failures": testStorageFailures, "providers": testProviders,
	} {
		t.Run(name, func(t *testing.T) { test(t, connection) })
	}
}

// A file is stored whole, or there is a reason why not, or the host calls again.
func testOutcomes(t *testing.T, connection string) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a host that is not allowed was requested, with %d headers", len(r.Header))
	}))
	defer elsewhere.Close()
	hash := func(content []byte) string { return fmt.Sprintf(`,"sha256":%q`, hashOf(content)) }

	for name, test := range map[string]struct {
		// media are more fields of the request.
		media   string
		options appOptions
		server  func(g *graph)
		want    string
		// lookups and files are the requests that the servers get, 0 for any number.
		lookups, files int32
		log            string
	}{
		"a file":                          {"", appOptions{}, func(*graph) {}, "stored 4194320", 1, 1, `"media":{"stored":1}`},
		"a file with the message's hash":  {hash(photo), appOptions{}, func(*graph) {}, "stored 4194320", 1, 1, ""},
		"a token for each account":        {"", appOptions{tokens: "1000=other," + account + "=" + token}, func(*graph) {}, "stored 4194320", 1, 1, ""},
		"no token for the account":        {"", appOptions{tokens: "1000=" + token}, func(*graph) {}, "500", 0, 0, "no token for the WhatsApp Business Account of a request: add it to MEDIA_META_TOKENS"},
		"a wrong token":                   {"", appOptions{tokens: "wrong"}, func(*graph) {}, "failed forbidden 401", 0, 0, `"level":"error","function":"MediaTrigger","invocation_id":"","status":401,"detail":"Meta refuses the access token (code 190).","message":"access to media refused"`},
		"no size and no hash":             {"", appOptions{}, func(g *graph) { g.lookup = withOther(g, map[string]string{"sha256": `""`, "file_size": `null`}) }, "stored 4194320", 1, 1, ""},
		"the size as a string":            {"", appOptions{}, func(g *graph) { g.lookup = withOther(g, map[string]string{"file_size": `"4194320"`}) }, "stored 4194320", 1, 1, ""},
		"an expired id, 404":              {"", appOptions{}, func(g *graph) { g.lookup = answer(404, "") }, "failed gone 404", 1, 0, `"reasons":{"gone":1}`},
		"an expired id, 400":              {"", appOptions{}, func(g *graph) { g.lookup = answer(400, `{"error":{"code":100,"error_subcode":33}}`) }, "failed gone 400", 1, 0, ""},
		"an expired id, 410":              {"", appOptions{}, func(g *graph) { g.lookup = answer(410, "") }, "failed gone 410", 1, 0, ""},
		"a missing permission":            {"", appOptions{}, func(g *graph) { g.lookup = answer(403, `{"error":{"code":10}}`) }, "failed forbidden 403", 1, 0, "access to media refused"},
		"a rate limit":                    {"", appOptions{}, func(g *graph) { g.lookup = answer(429, "") }, "500", 3, 0, "status 429"},
		"a rate limit with status 403":    {"", appOptions{}, func(g *graph) { g.lookup = answer(403, `{"error":{"code":4}}`) }, "500", 1, 0, "error code 4"},
		"an interruption of the API":      {"", appOptions{}, func(g *graph) { g.lookup = first(2, 500, func(w http.ResponseWriter) { g.found(w, nil) }) }, "stored 4194320", 3, 1, ""},
		"an interruption of the files":    {"", appOptions{}, func(g *graph) { g.file = first(2, 503, g.send) }, "stored 4194320", 1, 3, ""},
		"an API that always fails":        {"", appOptions{}, func(g *graph) { g.lookup = answer(500, "") }, "500", 3, 0, "status 500"},
		"an answer that is not JSON":      {"", appOptions{}, func(g *graph) { g.lookup = answer(200, "<html>SECRET") }, "500", 1, 0, "the answer of Meta for a media id: not JSON at byte 0"},
		"an answer that never ends":       {"", appOptions{}, func(g *graph) { g.lookup = answer(200, strings.Repeat("SECRET", 1<<20)) }, "500", 1, 0, "the answer is too large"},
		"an expired URL, then a good one": {"", appOptions{}, func(g *graph) { g.file = first(1, 404, g.send) }, "stored 4194320", 2, 2, ""},
		"URLs that are always expired":    {"", appOptions{}, func(g *graph) { g.file = answer(404, "") }, "failed gone 404", 2, 2, ""},
		"a file that is refused":          {"", appOptions{}, func(g *graph) { g.file = answer(401, "") }, "failed forbidden 401", 1, 1, "access to media refused"},
		"a file on another host":          {"", appOptions{}, func(g *graph) { g.lookup = withOther(g, map[string]string{"url": `"` + elsewhere.URL + `/x"`}) }, "500", 1, 0, "is not requested: it is not in the list of allowed hosts"},
		"a file on plain http":            {"", appOptions{}, func(g *graph) { g.lookup = withOther(g, map[string]string{"url": `"http://lookaside.fbsbx.com/x"`}) }, "500", 1, 0, "is not requested: the URL is not https"},
		"a file on an internal address": {"", appOptions{}, func(g *graph) {
			g.lookup = withOther(g, map[string]string{"url": `"https://169.254.169.254/metadata"`})
		}, "500", 1, 0, "is not requested: it is not in the list of allowed hosts"},
		"a redirect to another host":          {"", appOptions{}, func(g *graph) { g.file = redirect(elsewhere.URL) }, "500", 1, 1, "is not requested: it is not in the list of allowed hosts"},
		"a redirect to plain http":            {"", appOptions{}, func(g *graph) { g.file = redirect("http://lookaside.fbsbx.com/x") }, "500", 1, 1, "is not requested: the URL is not https"},
		"a redirect on the same host":         {"", appOptions{}, func(g *graph) { g.file = once(redirect("/file"), g.send) }, "stored 4194320", 1, 2, ""},
		"larger than the limit, announced":    {"", appOptions{maxSize: 4 << 20}, func(*graph) {}, "failed too-large 0", 1, 0, `"reasons":{"too-large":1}`},
		"larger than the limit, not":          {"", appOptions{maxSize: 4 << 20}, func(g *graph) { g.lookup = withOther(g, map[string]string{"file_size": "null"}); g.file = g.chunked }, "failed too-large 0", 1, 1, ""},
		"as large as the limit":               {"", appOptions{maxSize: 4<<20 + 16}, func(*graph) {}, "stored 4194320", 1, 1, ""},
		"a body that never ends":              {"", appOptions{maxSize: 5 << 20}, func(g *graph) { g.lookup = withOther(g, map[string]string{"file_size": "null"}); g.file = endless }, "failed too-large 0", 1, 1, ""},
		"a body longer than announced":        {"", appOptions{}, func(g *graph) { g.lookup = withOther(g, map[string]string{"file_size": "4194319"}) }, "failed mismatch 0", 2, 2, "the file is requested again"},
		"a body shorter than announced":       {"", appOptions{}, func(g *graph) { g.lookup = withOther(g, map[string]string{"file_size": "4194321"}) }, "failed mismatch 0", 2, 2, "the file is requested again"},
		"another file than the API announced": {"", appOptions{}, func(g *graph) { g.lookup = withOther(g, map[string]string{"sha256": `"` + hashOf(nil) + `"`}) }, "failed mismatch 0", 2, 2, ""},
		"another file than in the message":    {hash(nil), appOptions{}, func(*graph) {}, "failed mismatch 0", 2, 2, `"reasons":{"mismatch":1}`},
		"another file, then the right one": {hash(photo), appOptions{}, func(g *graph) {
			g.file = once(func(w http.ResponseWriter, _ *http.Request, _ int) { _, _ = w.Write(bytes.ToUpper(photo)) }, g.send)
		}, "stored 4194320", 2, 2, ""},
		"a body that stops in the middle":  {"", appOptions{}, func(g *graph) { g.file = g.half }, "500", 1, 1, "the download was interrupted: unexpected EOF"},
		"a server that becomes silent":     {"", appOptions{silence: 200 * time.Millisecond}, func(g *graph) { g.file = g.silent }, "500", 1, 1, "the download was interrupted: the server sends nothing"},
		"a server that breaks connections": {"", appOptions{}, func(g *graph) { g.file = func(http.ResponseWriter, *http.Request, int) { panic(http.ErrAbortHandler) } }, "500", 1, 0, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGraph(t, photo)
			test.server(g)
			a := newApp(t, connection, g, test.options)
			if got := a.outcome(requestOf("urn:meta:whatsapp:"+account, test.media)); got != test.want {
				t.Errorf("got %s, want %s\n%s", got, test.want, a.log)
			}
			if got := g.lookups.Load(); got != test.lookups && test.lookups > 0 {
				t.Errorf("%d requests for the URL, want %d", got, test.lookups)
			}
			if got := g.files.Load(); got != test.files && test.files > 0 {
				t.Errorf("%d requests for the file, want %d", got, test.files)
			}
			if !strings.Contains(a.log.String(), test.log) {
				t.Errorf("the log does not have %s:\n%s", test.log, a.log)
			}
			a.expectPrivateLog()
			if strings.HasPrefix(test.want, "stored") {
				a.expectBlob(photo)
			} else {
				a.expectBlob(nil)
			}
		})
	}
}

// once answers the first call in one way, and the others in another.
func once(first func(w http.ResponseWriter, r *http.Request, call int), others func(w http.ResponseWriter)) func(w http.ResponseWriter, r *http.Request, call int) {
	return func(w http.ResponseWriter, r *http.Request, call int) {
		if call == 1 {
			first(w, r, call)
			return
		}
		others(w)
	}
}

func redirect(to string) func(w http.ResponseWriter, r *http.Request, call int) {
	return func(w http.ResponseWriter, r *http.Request, _ int) { http.Redirect(w, r, to, http.StatusFound) }
}

// chunked sends the file without its length.
func (g *graph) chunked(w http.ResponseWriter, _ *http.Request, _ int) {
	_ = http.NewResponseController(w).Flush()
	_, _ = w.Write(g.content)
}

// half sends half of the file, and ends.
func (g *graph) half(w http.ResponseWriter, _ *http.Request, _ int) {
	w.Header().Set("Content-Length", fmt.Sprint(len(g.content)))
	_, _ = w.Write(g.content[:len(g.content)/2])
}

// silent sends half of the file, and waits until the client is gone.
func (g *graph) silent(w http.ResponseWriter, r *http.Request, _ int) {
	_, _ = w.Write(g.content[:len(g.content)/2])
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// endless sends until the client is gone.
func endless(w http.ResponseWriter, _ *http.Request, _ int) {
	for {
		if _, err := w.Write(photo[:1<<20]); err != nil {
			return
		}
	}
}

// A message that is not a request fails the invocation, so that the host keeps it in
// the poison queue.
func TestMessagesThatAreNotRequests(t *testing.T) {
	g := newGraph(t, photo)
	a := newApp(t, "UseDevelopmentStorage=true", g, appOptions{})
	for _, message := range []string{"", "14255550123", "{}", strings.Replace(fromMeta, "requested", "stored", 1)} {
		if got := a.outcome(message); got != "500" {
			t.Errorf("%q: got %s", message, got)
		}
	}
	if g.lookups.Load() > 0 {
		t.Error("Meta was asked")
	}
	if strings.Contains(a.log.String(), "14255550123") {
		t.Errorf("the log has the message: %s", a.log)
	}
	a.expectPrivateLog()
}

// The result depends on the request and the blob only, and the file is downloaded
// once.
func testRepeatedRequest(t *testing.T, connection string) {
	g := newGraph(t, photo)
	a := newApp(t, connection, g, appOptions{})
	_, before := a.call(fromMeta)
	time.Sleep(1100 * time.Millisecond) // the time of a blob has seconds
	_, after := a.call(fromMeta)
	if len(before) != 1 || len(after) != 1 || before[0] != after[0] {
		t.Errorf("got %s, then %s", before, after)
	}
	if g.files.Load() != 1 {
		t.Errorf("the file was requested %d times", g.files.Load())
	}
	// After the id has expired, too.
	g.lookup = answer(404, "")
	if _, later := a.call(fromMeta); len(later) != 1 || later[0] != before[0] {
		t.Errorf("got %s, want %s", later, before)
	}
	r := decode(t, before[0])
	if r.Data.Container != a.container || r.Data.Blob != blobName || r.Data.SHA256 != hashOf(photo) || r.Data.MIMEType != "image/png" || r.ID != "wamid.A:media:stored" {
		t.Errorf("got %+v", r)
	}
}

// Two calls for the same request that run at once store one blob and return the same
// result, however their requests interleave.
func testConcurrentCalls(t *testing.T, connection string) {
	for name, size := range map[string]int{"one block": 1000, "two blocks": len(photo)} {
		t.Run(name, func(t *testing.T) {
			for round := range 3 {
				t.Run(fmt.Sprint(round), func(t *testing.T) {
					g := newGraph(t, photo[:size])
					// Both calls have found no blob before either gets its file.
					const calls = 3
					var arrived sync.WaitGroup
					arrived.Add(calls)
					g.file = func(w http.ResponseWriter, _ *http.Request, _ int) {
						arrived.Done()
						arrived.Wait()
						g.send(w)
					}
					a := newApp(t, connection, g, appOptions{})
					var all [calls][]string
					var running sync.WaitGroup
					for i := range all {
						running.Go(func() { _, all[i] = a.call(fromMeta) })
					}
					running.Wait()
					for _, results := range all {
						if len(results) != 1 || results[0] != all[0][0] || decode(t, results[0]).Data.Size != int64(size) {
							t.Errorf("got %s\n%s", results, a.log)
						}
					}
					a.expectBlob(photo[:size])
				})
			}
		})
	}
}

// An error of the storage account is retried by the host, and nothing is left behind.
func testStorageFailures(t *testing.T, connection string) {
	for name, fail := range map[string]func(r *http.Request) bool{
		"every block":  func(r *http.Request) bool { return r.URL.Query().Get("comp") == "block" },
		"the commit":   func(r *http.Request) bool { return r.URL.Query().Get("comp") == "blocklist" },
		"every answer": func(*http.Request) bool { return true },
	} {
		t.Run(name, func(t *testing.T) {
			var broken atomic.Bool
			broken.Store(true)
			a := newApp(t, connection, newGraph(t, photo), appOptions{transport: transport(func(r *http.Request) (*http.Response, error) {
				if broken.Load() && fail(r) {
					return nil, errors.New("connection reset")
				}
				return http.DefaultClient.Do(r)
			})})
			if got := a.outcome(fromMeta); got != "500" || !strings.Contains(a.log.String(), "storage: ") {
				t.Errorf("got %s\n%s", got, a.log)
			}
			a.expectBlob(nil)
			a.expectPrivateLog()
			broken.Store(false)
			if got := a.outcome(fromMeta); got != "stored 4194320" {
				t.Errorf("after the interruption: got %s\n%s", got, a.log)
			}
			a.expectBlob(photo)
		})
	}
}

type transport func(r *http.Request) (*http.Response, error)

func (f transport) Do(r *http.Request) (*http.Response, error) { return f(r) }

// Messages that are not from Meta are from Azure Communication Services.
func testProviders(t *testing.T, connection string) {
	var status atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RequestURI() != "/messages/streams/"+mediaID+"?api-version=2024-08-30" || !strings.HasPrefix(r.Header.Get("Authorization"), "HMAC-SHA256 ") {
			t.Errorf("%s, %s", r.URL, r.Header.Get("Authorization"))
		}
		w.Header().Set("Content-Type", "image/jpeg")
		w.WriteHeader(int(status.Load()))
		_, _ = io.WriteString(w, "picture")
	}))
	defer server.Close()
	endpoint, err := url.Parse(server.URL)
	testkit.Must(t, err)
	provider := acs.NewWithKey(acs.Connection{Endpoint: endpoint, Key: []byte("key")}, fast)
	const topic = "/subscriptions/1/resourcegroups/rg/providers/microsoft.communication/communicationservices/acs"

	for status2, want := range map[int]string{200: "stored 7", 401: "failed forbidden 401", 404: "failed gone 404", 400: "500", 503: "500"} {
		t.Run(fmt.Sprint(status2), func(t *testing.T) {
			status.Store(int32(status2))
			a := newApp(t, connection, nil, appOptions{acs: provider})
			if got := a.outcome(requestOf(topic, "")); got != want {
				t.Errorf("got %s, want %s\n%s", got, want, a.log)
			}
			a.expectPrivateLog()
		})
	}
	t.Run("not configured", func(t *testing.T) {
		for source, want := range map[string]string{topic: "set MEDIA_ACS_CONNECTION_STRING or MEDIA_ACS_ENDPOINT", "urn:meta:whatsapp:" + account: "set MEDIA_META_TOKENS"} {
			a := newApp(t, connection, nil, appOptions{})
			if got := a.outcome(requestOf(source, "")); got != "500" || !strings.Contains(a.log.String(), want) {
				t.Errorf("got %s, want %s\n%s", got, want, a.log)
			}
		}
	})
}
