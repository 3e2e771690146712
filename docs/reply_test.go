package docs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json/v2"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/internal/testkit"
)

// The programs of docs/reply.md answer messages of the goldens' form, and keep the
// token from other hosts.
func TestReplyPrograms(t *testing.T) {
	const content = "a file"
	digest := sha256.Sum256([]byte(content))
	hash := hex.EncodeToString(digest[:])
	image := `"media":{"id":"987","mimeType":"image/jpeg","sha256":"` + hash + `"},`
	for name, test := range map[string]struct {
		message, host string
		to            map[string]string
		saves, fails  bool
	}{
		"a phone number":           {message: `"from":{"phone":"14255550123","bsuid":"US.1"}`, to: map[string]string{"to": "14255550123"}},
		"a business-scoped id":     {message: `"from":{"bsuid":"US.1"}`, to: map[string]string{"recipient": "US.1"}},
		"an image":                 {message: image + `"from":{"phone":"14255550123"}`, to: map[string]string{"to": "14255550123"}, saves: true},
		"media of another host":    {message: image + `"from":{"phone":"14255550123"}`, host: "evil.example", fails: true},
		"a file with another hash": {message: strings.ReplaceAll(image, hash, "00") + `"from":{"phone":"14255550123"}`, fails: true},
	} {
		for _, language := range []struct{ info, program string }{{"js", "node"}, {"python", "python3"}} {
			t.Run(name+", "+language.info, func(t *testing.T) {
				if _, err := exec.LookPath(language.program); err != nil {
					testkit.Skip(t, language.program+" is not installed")
				}
				var sent []map[string]any
				var server *httptest.Server
				server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Header.Get("Authorization") != "Bearer secret" {
						t.Errorf("%s: the token is %q", r.URL, r.Header.Get("Authorization"))
					}
					switch r.Method + " " + r.URL.String() {
					case "GET /987?phone_number_id=111":
						host := server.Listener.Addr().String()
						if test.host != "" {
							host = test.host
						}
						fmt.Fprintf(w, `{"url":"http://%s/file","file_size":%d,"sha256":"%s"}`, host, len(content), hash)
					case "GET /file":
						fmt.Fprint(w, content)
					case "POST /111/messages":
						var body map[string]any
						if err := json.UnmarshalRead(r.Body, &body); err != nil {
							t.Error(err)
						}
						sent = append(sent, body)
						fmt.Fprint(w, `{"messages":[{"id":"wamid.1"}]}`)
					default:
						t.Errorf("%s %s", r.Method, r.URL)
					}
				}))
				defer server.Close()
				folder := t.TempDir()
				command := exec.Command(language.program, replyProgram(t, folder, language.info))
				command.Dir = folder
				command.Env = append(os.Environ(), "GRAPH_URL="+server.URL, "TOKEN=secret")
				command.Stdin = strings.NewReader(`{"data":{"messageId":"wamid.0","channel":{"id":"111"},` + test.message + `}}`)
				output, err := command.CombinedOutput()
				if (err != nil) != test.fails || !test.fails && strings.TrimSpace(string(output)) != "wamid.1" {
					t.Fatalf("%v: %s", err, output)
				}
				saved, err := os.ReadFile(filepath.Join(folder, hash))
				if (err == nil) != test.saves || test.saves && string(saved) != content {
					t.Errorf("the file: %q, %v", saved, err)
				}
				if test.fails {
					if len(sent) > 0 {
						t.Errorf("sent: %v", sent)
					}
					return
				}
				want := map[string]any{
					"messaging_product": "whatsapp", "recipient_type": "individual", "type": "text",
					"context": map[string]any{"message_id": "wamid.0"}, "text": map[string]any{"body": "Thank you, we will look at it."},
				}
				for field, value := range test.to {
					want[field] = value
				}
				if diff := cmp.Diff([]map[string]any{want}, sent); diff != "" {
					t.Errorf("sent (+):\n%s", diff)
				}
			})
		}
	}
}

// replyProgram writes the page's program in a language to a folder.
func replyProgram(t *testing.T, folder, language string) (file string) {
	t.Helper()
	for _, p := range pages(t) {
		for _, b := range p.blocks() {
			if p.name == "docs/reply.md" && b.info == language {
				file = filepath.Join(folder, "reply."+map[string]string{"js": "mjs", "python": "py"}[language])
				if err := os.WriteFile(file, []byte(b.text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if file == "" {
		t.Fatalf("docs/reply.md has no program in %s", language)
	}
	return file
}
