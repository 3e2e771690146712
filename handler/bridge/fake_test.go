package bridge

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"whatsapp-functions/handler/lenient"
)

// fake returns a function with a queue called messages and a table called rows.
func fake(name string, handle func(event lenient.Value, results *Results) *Rejection) Function {
	return Function{
		Name:    name,
		Trigger: EventGridTrigger,
		Outputs: []Output{{Name: "messages", Kind: Queue, Every: "events"}, {Name: "rows", Kind: Table, Every: "events"}, {Name: "some", Kind: Queue}},
		Handle:  handle,
	}
}

// newServer serves a function called Fake with all its outputs.
func newServer(log io.Writer, handle func(event lenient.Value, results *Results) *Rejection) *Server {
	function := &boundFunction{Function: fake("Fake", handle), trigger: "events", outputs: []string{"messages", "rows", "rejectedEvents"}}
	return &Server{
		App:     &App{functions: map[string]*boundFunction{"Fake": function}},
		MaxBody: 1 << 20,
		Log:     zerolog.New(log).Level(zerolog.DebugLevel),
	}
}

// post calls the function Fake.
func post(t *testing.T, s *Server, body string) (answer *httptest.ResponseRecorder) {
	t.Helper()
	return request(t, s, http.MethodPost, "/Fake", strings.NewReader(body))
}

func request(t *testing.T, s *Server, method, path string, body io.Reader) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, body)
	r.Header.Set("X-Azure-Functions-InvocationId", "id-1")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// logged returns the lines of a log.
func logged(log *bytes.Buffer) []string {
	return strings.FieldsFunc(log.String(), func(r rune) bool { return r == '\n' })
}
