package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
)

func TestRun(t *testing.T) {
	content := []byte("\xFF\xD8\xFF a picture")
	for name, source := range map[string]string{"Meta": fromMeta, "ACS": fromACS} {
		t.Run(name, func(t *testing.T) {
			world := newWorld(t)
			file := world.add(t, content)
			program := world.start(t, nil)
			status, answer := call(t, program.URL, requestOf(source, file.ID, file.SHA256Hex))
			if status != http.StatusOK {
				t.Fatalf("%d %s\n%s", status, answer, program.Stderr)
			}
			stored := result(t, answer)
			for _, field := range []string{
				`"type":"conversation.media.stored.v1"`, `"id":"wamid.PERSONAL:media:stored"`, `"source":"` + source + `"`, `"blob":"` + blobName + `"`,
				`"container":"media"`, fmt.Sprintf(`"size":%d`, len(content)), `"sha256":"` + file.SHA256Hex + `"`, `"mimeType":"image/jpeg"`,
			} {
				if !strings.Contains(stored, field) {
					t.Errorf("the result lacks %s: %s", field, stored)
				}
			}
			if got := world.blob(t); string(got) != string(content) {
				t.Errorf("the blob has %d bytes", len(got))
			}
			program.Stop()
			if code := program.Exit(t); code != 0 || program.Stderr.String() != "" {
				t.Errorf("exit code %d, %s", code, program.Stderr)
			}
		})
	}
}

func TestFailedResult(t *testing.T) {
	world := newWorld(t)
	program := world.start(t, nil)
	status, answer := call(t, program.URL, requestOf(fromMeta, "1908647269898587", ""))
	if status != http.StatusOK {
		t.Fatal(status, answer)
	}
	if failed := result(t, answer); !strings.Contains(failed, `"time":"2026-11-20T09:15:01.0000000Z"`) || !strings.Contains(failed, `"reason":"gone"`) || !strings.Contains(failed, `"status":400`) {
		t.Errorf("got %s", failed)
	}
	if !strings.Contains(program.Stderr.String(), `"reasons":{"gone":1}`) {
		t.Errorf("the completion line is not a warning: %s", program.Stderr)
	}
}

// Neither the request nor the answers of providers get into the log at debug level.
func TestPersonalDataStaysOutOfLogs(t *testing.T) {
	const secret = "PERSONAL-SECRET"
	spoil := func(status int, body string) func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("WWW-Authenticate", secret)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	good := func(w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(w, r) }
	graph := func(url string) string { return `{"url":"` + url + `","mime_type":"` + secret + `"}` }
	for name, wrap := range map[string]func(w http.ResponseWriter, r *http.Request, next http.Handler){
		"stored":                   good,
		"an error of Meta":         spoil(400, `{"error":{"message":"`+secret+`","type":"`+secret+`","code":100}}`),
		"an error without code":    spoil(500, secret),
		"a refused token":          spoil(401, `{"error":{"message":"`+secret+`","code":190}}`),
		"not JSON":                 spoil(200, secret),
		"no URL":                   spoil(200, graph("/"+secret)),
		"a URL of another host":    spoil(200, graph("https://evil.example/"+secret+"?"+secret)),
		"a URL with a user":        spoil(200, graph("https://"+secret+":"+secret+"@lookaside.fbsbx.com/"+secret)),
		"a URL that can't be read": spoil(200, graph("https://lookaside.fbsbx.com:"+secret+"/")),
		"a redirect": func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			http.Redirect(w, r, "https://evil.example/"+secret+"?"+secret, http.StatusFound)
		},
		"a redirect that can't be read": func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header()["Location"] = []string{"http://[" + secret}
			w.WriteHeader(http.StatusFound)
		},
		"an answer that is cut off": func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, secret)
		},
		"no HTTP": func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			connection, _, err := http.NewResponseController(w).Hijack()
			testkit.Must(t, err)
			_, _ = io.WriteString(connection, secret+"\r\n\r\n")
			_ = connection.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			world := newWorld(t)
			world.wrap = wrap
			file := world.add(t, []byte("content"))
			program := world.start(t, map[string]string{"HANDLER_LOG_LEVEL": "debug"})
			message := requestOf(fromMeta, file.ID, "")
			for _, message := range []string{message, strings.Replace(message, "requested", secret, 1), message[:len(message)-2], strings.Replace(message, file.ID, secret+"/", 1)} {
				call(t, program.URL, message)
			}
			program.Stop()
			program.Exit(t)
			log := program.Stdout.String() + program.Stderr.String()
			for _, text := range []string{"PERSONAL", "SECRET", file.ID, "106540352242922", "?"} {
				if strings.Contains(log, text) {
					t.Errorf("the log has %q:\n%s", text, log)
				}
			}
			if strings.Count(log, "\n") < 6 {
				t.Errorf("the log is %s", log)
			}
		})
	}
}
