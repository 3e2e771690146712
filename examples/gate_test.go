package examples

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// gate is between a consumer and the queues and tables of its storage.
type gate struct {
	// connection is the connection string through the gate.
	connection string
	// decide says what happens to a request.
	decide func(step string) verdict
}

// verdict is what happens to a request.
type verdict int

const (
	pass verdict = iota
	// refuse answers 503, as storage does that is down.
	refuse
	// cutBefore and cutAfter break the connection, before and after storage
	// gets the request.
	cutBefore
	cutAfter
)

// steps are the requests of a consumer, by method and path.
var steps = []struct {
	name, method string
	path         *regexp.Regexp
}{
	{"create table", http.MethodPost, regexp.MustCompile(`/Tables$`)},
	{"receive", http.MethodGet, regexp.MustCompile(`/inbound-messages/messages$`)},
	{"claim", http.MethodPost, regexp.MustCompile(`/Consumed$`)},
	{"done", http.MethodPut, regexp.MustCompile(`/Consumed\(`)},
	{"done", http.MethodPatch, regexp.MustCompile(`/Consumed\(`)},
	{"give up", http.MethodDelete, regexp.MustCompile(`/Consumed\(`)},
	{"poison", http.MethodPost, regexp.MustCompile(`/inbound-messages-poison/messages$`)},
	{"delete", http.MethodDelete, regexp.MustCompile(`/inbound-messages/messages/`)},
	{"update", http.MethodPut, regexp.MustCompile(`/inbound-messages/messages/`)},
}

func step(r *http.Request) string {
	for _, s := range steps {
		if s.method == r.Method && s.path.MatchString(r.URL.Path) {
			return s.name
		}
	}
	return "other"
}

// newGate returns a gate to the storage of a connection string.
func newGate(t *testing.T, connection string, decide func(step string) verdict) *gate {
	t.Helper()
	g := &gate{connection: connection, decide: decide}
	for _, service := range []string{"Queue", "Table"} {
		endpoint := regexp.MustCompile(service + `Endpoint=(http://[^/]+)`).FindStringSubmatch(connection)
		target, err := url.Parse(endpoint[1])
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.serve(w, r, target) }))
		t.Cleanup(server.Close)
		g.connection = strings.Replace(g.connection, endpoint[0], service+"Endpoint="+server.URL, 1)
	}
	return g
}

func (g *gate) serve(w http.ResponseWriter, r *http.Request, target *url.URL) {
	decision := g.decide(step(r))
	switch decision {
	case refuse:
		http.Error(w, "storage is down", http.StatusServiceUnavailable)
		return
	case cutBefore:
		panic(http.ErrAbortHandler)
	}
	out := r.Clone(r.Context())
	out.RequestURI, out.Host, out.URL.Scheme, out.URL.Host = "", target.Host, target.Scheme, target.Host
	answer, err := http.DefaultTransport.RoundTrip(out)
	if err != nil || decision == cutAfter {
		panic(http.ErrAbortHandler)
	}
	defer answer.Body.Close()
	maps.Copy(w.Header(), answer.Header)
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body)
}
