package guard_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"whatsapp-functions/devhost/guard"
)

func TestGuard(t *testing.T) {
	const here = "127.0.0.1:7071"
	headers := func(pairs ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return h
	}
	link := []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	tests := map[string]struct {
		method, path, host string
		header             http.Header
		page, endpoint     bool
	}{
		"a program":                               {"POST", "/events", here, nil, true, true},
		"a program by another name":               {"POST", "/events", "devhost:7071", nil, false, true},
		"the page":                                {"POST", "/simulator/messages", here, headers("Origin", "http://"+here, "Sec-Fetch-Site", "same-origin"), true, true},
		"the page as localhost":                   {"POST", "/simulator/messages", "localhost:7071", headers("Origin", "http://localhost:7071"), true, true},
		"the page by IPv6":                        {"GET", "/", "[::1]:7071", nil, true, true},
		"the page by the address that it came by": {"GET", "/", "192.0.2.7:7071", nil, true, true},
		"the page by an address that it did not":  {"GET", "/", "192.0.2.8:7071", nil, false, false},
		"a typed address":                         {"GET", "/", here, headers("Sec-Fetch-Site", "none"), true, true},
		"another site":                            {"POST", "/events", here, headers("Origin", "https://example.com", "Sec-Fetch-Site", "cross-site"), false, false},
		"another site in an old browser":          {"POST", "/events", here, headers("Origin", "https://example.com"), false, false},
		"another port of this machine":            {"POST", "/events", here, headers("Origin", "http://127.0.0.1:3000", "Sec-Fetch-Site", "same-site"), false, false},
		"another scheme":                          {"POST", "/events", here, headers("Origin", "https://"+here), false, false},
		"a file or a sandboxed frame":             {"POST", "/events", here, headers("Origin", "null"), false, false},
		"a site whose name leads here":            {"POST", "/events", "example.com:7071", headers("Origin", "http://example.com:7071", "Sec-Fetch-Site", "same-origin"), false, false},
		"a site whose name leads here, reading":   {"GET", "/simulator/live", "example.com:7071", headers("Sec-Fetch-Site", "same-origin"), false, false},
		"the same in a browser that says nothing": {"GET", "/admin/functions", "example.com:7071", nil, false, false},
		"a handshake through a tunnel":            {"OPTIONS", "/runtime/webhooks/EventGrid", "example.com", nil, false, true},
		"a picture on another site":               {"GET", "/simulator/storage", here, headers("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"), false, false},
		"a link on another site to the page":      {"GET", "/", here, headers(link...), true, false},
		"a link on another site to the API":       {"GET", "/simulator/storage", here, headers(link...), false, false},
		"the page in a frame of another site":     {"GET", "/", here, headers("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"), false, false},
		"a form on another site":                  {"POST", "/", here, headers(link...), false, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			g := guard.Guard{Address: here}
			passed := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
			for what, guarded := range map[string]struct {
				handler http.Handler
				want    bool
			}{
				"page":     {g.Page(passed), test.page},
				"endpoint": {g.Endpoint(passed), test.endpoint},
			} {
				request := httptest.NewRequest(test.method, "http://"+test.host+test.path, nil)
				for name, values := range test.header {
					request.Header[name] = values
				}
				local := &net.TCPAddr{IP: net.ParseIP("192.0.2.7"), Port: 7071}
				request = request.WithContext(context.WithValue(request.Context(), http.LocalAddrContextKey, local))
				response := httptest.NewRecorder()
				guarded.handler.ServeHTTP(response, request)
				want := http.StatusForbidden
				if guarded.want {
					want = http.StatusTeapot
				}
				if response.Code != want {
					t.Errorf("%s: got %d, want %d: %s", what, response.Code, want, response.Body)
				}
			}
		})
	}
}
