package platform

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAccess(t *testing.T) {
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
		"a forwarded port that ends TLS":          {"POST", "/events", here, headers("Origin", "https://"+here), true, true},
		"a forwarded port":                        {"POST", "/simulator/messages", "me-7071.euw.devtunnels.ms", headers("Origin", "https://me-7071.euw.devtunnels.ms", "Sec-Fetch-Site", "same-origin"), true, true},
		"a forwarded port with the local Host":    {"POST", "/simulator/messages", here, headers("Origin", "https://me-7071.euw.devtunnels.ms"), true, true},
		"a codespace":                             {"GET", "/simulator/live", "cs-7071.app.github.dev", headers("Sec-Fetch-Site", "same-origin"), true, true},
		"another codespace":                       {"GET", "/simulator/live", "evil-7071.app.github.dev", headers("Sec-Fetch-Site", "same-origin"), false, false},
		"another tunnel as origin":                {"POST", "/events", here, headers("Origin", "https://evil.devtunnels.ms"), false, false},
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
			a, err := newAccess(Options{AllowHosts: []string{"me-7071.euw.devtunnels.ms"}, Environ: []string{
				"CODESPACES=true", "CODESPACE_NAME=cs", "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN=app.github.dev",
			}}, here)
			if err != nil {
				t.Fatal(err)
			}
			passed := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
			for what, guarded := range map[string]struct {
				handler http.Handler
				want    bool
			}{
				"page":     {a.page(passed), test.page},
				"endpoint": {a.endpoint(passed), test.endpoint},
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

// A refusal names the flag that allows a forwarded port.
func TestRefusalNamesTheFlag(t *testing.T) {
	a, err := newAccess(Options{}, "127.0.0.1:7071")
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]string{
		"me-7071.euw.devtunnels.ms": "if it is your dev tunnel, start devhost with --allow-host me-7071.euw.devtunnels.ms",
		"cs-7071.app.github.dev":    "if it is your codespace, start devhost with --allow-host cs-7071.app.github.dev",
		"example.com:7071":          "if it forwards a port to devhost, start devhost with --allow-host example.com",
	} {
		response := httptest.NewRecorder()
		a.page(http.NotFoundHandler()).ServeHTTP(response, httptest.NewRequest("GET", "http://"+host+"/", nil))
		if response.Code != http.StatusForbidden || !strings.Contains(response.Body.String(), want) {
			t.Errorf("%s: %d %s", host, response.Code, response.Body)
		}
	}
	for _, name := range []string{"", "https://example.com", "example.com:80", "example.com/x", "a b"} {
		if _, err := newAccess(Options{AllowHosts: []string{name}}, "127.0.0.1:7071"); err == nil {
			t.Errorf("--allow-host %q is accepted", name)
		}
	}
}
