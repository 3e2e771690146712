package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/media/request"
)

const secret = "hash=SECRET-4711"

// get requests a path of a server, and returns the body and the log at debug level.
func get(t *testing.T, handler http.HandlerFunc, path string, o Options) (answer *http.Response, content string, log string, err error) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	if o.RetryDelay == 0 {
		o.RetryDelay = time.Millisecond
	}
	client := New(Hosts{Base: parse(t, server.URL)}, o)
	var lines testkit.Buffer
	ctx := zerolog.New(&lines).WithContext(t.Context())
	response, err := client.Get(ctx, parse(t, server.URL+path+"?"+secret), http.Header{"Authorization": {"Bearer SECRET-TOKEN"}})
	var text []byte
	if err == nil {
		text, err = io.ReadAll(response.Body)
		_ = response.Body.Close()
	}
	for _, s := range []string{lines.String(), fmt.Sprint(err)} {
		if strings.Contains(s, "SECRET") || strings.Contains(s, "/file") {
			t.Errorf("the log or the error has a part of the URL: %s", s)
		}
	}
	return response, string(text), lines.String(), err
}

func TestGet(t *testing.T) {
	response, content, log, err := get(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer SECRET-TOKEN" || r.Header.Get("User-Agent") == "" || r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("headers %v", r.Header)
		}
		_, _ = io.WriteString(w, "content")
	}, "/file", Options{})
	if err != nil || content != "content" || response.ContentLength != 7 {
		t.Errorf("got %q, %v", content, err)
	}
	if !strings.Contains(log, `"status":200`) || !strings.Contains(log, `"host":"127.0.0.1:`) {
		t.Errorf("the log is %s", log)
	}
}

// A short interruption is retried within the call, and a long one is not.
func TestRetries(t *testing.T) {
	for name, test := range map[string]struct {
		answers []int
		header  string
		want    int
		calls   int32
	}{
		"once 503":              {[]int{503, 200}, "", 200, 2},
		"twice 500":             {[]int{500, 500, 200}, "", 200, 3},
		"always 503":            {[]int{503, 503, 503, 503}, "", 503, 3},
		"429":                   {[]int{429, 200}, "", 200, 2},
		"429 for a long time":   {[]int{429, 200}, "3600", 429, 1},
		"404 is not retried":    {[]int{404, 200}, "", 404, 1},
		"401 is not retried":    {[]int{401, 200}, "", 401, 1},
		"a redirect to nowhere": {[]int{302, 302}, "", 302, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			response, _, _, err := get(t, func(w http.ResponseWriter, r *http.Request) {
				if test.header != "" {
					w.Header().Set("Retry-After", test.header)
				}
				w.WriteHeader(test.answers[calls.Add(1)-1])
			}, "/file", Options{})
			if err != nil || response.StatusCode != test.want || calls.Load() != test.calls {
				t.Errorf("got %v, %d calls, %v", response, calls.Load(), err)
			}
		})
	}
}

func TestStatus(t *testing.T) {
	for status, want := range map[int]string{
		200: "<nil>", 404: "gone", 410: "gone", 401: "forbidden", 403: "forbidden",
		204: "error", 206: "error", 304: "error", 400: "error", 408: "error", 429: "error", 500: "error", 503: "error",
	} {
		err := Status(&http.Response{StatusCode: status, Request: httptest.NewRequest(http.MethodGet, "https://example.com/secret", nil)})
		got := fmt.Sprint(err)
		if failure, ok := errors.AsType[*request.Failure](err); ok {
			got = string(failure.Reason)
			if failure.Status != status {
				t.Errorf("status %d, want %d", failure.Status, status)
			}
		} else if err != nil {
			got = "error"
			if err.Error() != fmt.Sprintf("host example.com: status %d", status) {
				t.Error(err)
			}
		}
		if got != want {
			t.Errorf("%d: got %s, want %s", status, got, want)
		}
	}
}

// Redirects are followed within the list of hosts only, and a token stays at its host.
func TestRedirects(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a host that is not allowed was requested") }))
	defer elsewhere.Close()
	for name, test := range map[string]struct{ to, want string }{
		"same host":        {"/other", ""},
		"another host":     {"https://evil.example/x", `"evil.example" is not requested: it is not in the list`},
		"another port":     {elsewhere.URL, "is not requested: it is not in the list"},
		"to http":          {"http://lookaside.fbsbx.com/1", `"lookaside.fbsbx.com" is not requested: the URL is not https`},
		"an internal host": {"http://169.254.169.254/metadata", "is not requested: the URL is not https"},
		"a file":           {"file:///etc/passwd", "is not requested: the URL is not https"},
		"with a user":      {"http://a:b@127.0.0.1/", "is not requested: the URL has user information"},
		"in circles":       {"/file", "too many redirects"},
		"no URL at all":    {"http://[", "no valid answer"},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			_, content, _, err := get(t, func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				if r.URL.Path == "/other" {
					_, _ = io.WriteString(w, "content")
					return
				}
				w.Header()["Location"] = []string{test.to}
				w.WriteHeader(http.StatusFound)
			}, "/file", Options{})
			if test.want == "" {
				if err != nil || content != "content" {
					t.Errorf("got %q, %v", content, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if most := int32(redirects + 1); calls.Load() > most && name != "no URL at all" {
				t.Errorf("%d requests", calls.Load())
			}
		})
	}
}

// A server may be slow, but not silent.
func TestSilence(t *testing.T) {
	never := make(chan struct{})
	defer close(never)
	wait := func(r *http.Request, d time.Duration) {
		select {
		case <-never:
		case <-r.Context().Done():
		case <-time.After(d):
		}
	}
	send := func(w http.ResponseWriter, text string) {
		_, _ = io.WriteString(w, text)
		_ = http.NewResponseController(w).Flush()
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"slow": {func(w http.ResponseWriter, r *http.Request) {
			for range 10 {
				send(w, "x")
				wait(r, 50*time.Millisecond)
			}
		}, ""},
		"silent in the middle": {func(w http.ResponseWriter, r *http.Request) {
			send(w, "x")
			wait(r, time.Hour)
		}, "the download was interrupted: the server sends nothing"},
		"silent from the start": {func(w http.ResponseWriter, r *http.Request) { wait(r, time.Hour) }, "timeout awaiting response headers"},
		"stops in the middle": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100")
			send(w, "x")
		}, "the download was interrupted: unexpected EOF"},
		"closes the connection": {func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			_, content, _, err := get(t, test.handler, "/file", Options{Silence: 300 * time.Millisecond})
			if test.want == "" && (err != nil || content != "xxxxxxxxxx") {
				t.Errorf("got %q, %v", content, err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// The time that the storage account takes for a block is not the server's silence.
func TestSilenceCountsReadsOnly(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 1000))
	}))
	defer server.Close()
	const silence = 100 * time.Millisecond
	response, err := New(Hosts{Base: parse(t, server.URL)}, Options{Silence: silence}).Get(t.Context(), parse(t, server.URL), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.ReadFull(response.Body, make([]byte, 500)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * silence)
	if rest, err := io.ReadAll(response.Body); err != nil || len(rest) != 500 {
		t.Errorf("%d bytes, %v", len(rest), err)
	}
}

func TestGetEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	defer server.Close()
	_, err := New(Hosts{Base: parse(t, server.URL)}, Options{}).Get(ctx, parse(t, server.URL), nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
