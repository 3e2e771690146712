package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCheckWebhook(t *testing.T) {
	for name, test := range map[string]struct {
		get, post int
		want      string
	}{
		"a webhook that refuses both":                   {403, 401, ""},
		"a webhook that accepts any token":              {200, 401, "status 200 instead of 403 for a verification with a wrong token"},
		"a webhook that accepts unsigned events":        {403, 200, "status 200 instead of 401 for an event without a signature"},
		"a webhook that fails":                          {403, 500, "status 500 instead of 401"},
		"a webhook without secrets":                     {403, 503, "META_APP_SECRETS has no value"},
		"an app without the webhook":                    {404, 404, "the function is disabled"},
		"an address that redirects":                     {302, 302, "status 302 instead of 403"},
		"a front end that asks for a login before both": {401, 401, "status 401 instead of 403"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				query := r.URL.Query()
				switch {
				case r.URL.Path != "/api/whatsapp" || r.Header.Get("X-Functions-Key") != "" || r.Header.Get("X-Hub-Signature-256") != "":
					t.Errorf("%s %s, with the headers %v", r.Method, r.URL, r.Header)
				case r.Method == http.MethodGet && query.Get("hub.mode") == "subscribe" && query.Get("hub.challenge") != "" && query.Get("hub.verify_token") != "":
					w.WriteHeader(test.get)
				case r.Method == http.MethodPost && r.ContentLength > 0:
					w.WriteHeader(test.post)
				default:
					t.Errorf("%s %s", r.Method, r.URL)
				}
			}))
			defer server.Close()
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), []string{"--check-webhook", "--url", server.URL + "/", "--subscriptions", "../infra/subscriptions.json"},
				func(string) string { return "key" }, strings.NewReader(""), &stdout, &stderr)
			if got := fmt.Sprint(stdout.String(), stderr.String()); (code == 0) != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("exit code %d: %s", code, got)
			}
		})
	}
}
