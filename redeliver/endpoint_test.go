package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What answers need not be the app: a wrong address, a sign-in page or a gateway
// also say 200.
func TestWhoAnswersIsNoFunctionsHost(t *testing.T) {
	file := write(t, "events.json", "["+received+"]")
	status := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		arg    string
		want   string
	}{
		"200 to events":                 {status(http.StatusOK), file, "AdvancedMessageTrigger: status 200, and not 202"},
		"204 to events":                 {status(http.StatusNoContent), file, "status 204, and not 202"},
		"304, which leads nowhere":      {status(http.StatusNotModified), file, "status 304: it redirects to nowhere"},
		"a handshake without an origin": {status(http.StatusOK), "-check", "AdvancedMessageTrigger: status 200 without the handshake's header Webhook-Allowed-Origin"},
		"a handshake that is accepted": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Webhook-Allowed-Origin", "eventgrid.azure.net")
			w.WriteHeader(http.StatusAccepted)
		}, "-check", "status 202"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(test.answer)
			defer server.Close()
			stdout, err := call(t, testKey, "-url", server.URL, test.arg)
			if err == nil || !strings.Contains(err.Error(), test.want) || stdout != "" {
				t.Errorf("it says %q, error %v, want %q", stdout, err, test.want)
			}
		})
	}
}

// Whatever the redirect asks for, its destination sees nothing of the key.
func TestRedirectsAreNotFollowed(t *testing.T) {
	file := write(t, "events.json", "["+received+"]")
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		for _, arg := range []string{file, "-check"} {
			elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				t.Errorf("%d: %s came, with the key %q", status, r.Method, r.Header.Get("X-Functions-Key"))
				w.WriteHeader(http.StatusAccepted)
			}))
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, elsewhere.URL+"/login?code="+r.Header.Get("X-Functions-Key"), status)
			}))
			_, err := call(t, testKey, "-url", server.URL, arg)
			if err == nil || !strings.Contains(err.Error(), "it redirects to "+elsewhere.URL+"/login, where") || strings.Contains(err.Error(), "secret") {
				t.Errorf("%d: error %v", status, err)
			}
			server.Close()
			elsewhere.Close()
		}
	}
}
