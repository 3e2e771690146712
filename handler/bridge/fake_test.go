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

// fake is a function with a queue called messages and a table called rows.
type fake struct {
	name   string
	handle func(event lenient.Value, out *Outputs) *Rejection
}

func (f fake) Name() string { return f.name }

func (f fake) Outputs() []Output {
	return []Output{{Name: "messages", Kind: Queue, Every: true}, {Name: "rows", Kind: Table, Every: true}, {Name: "some", Kind: Queue}}
}

func (f fake) Handle(event lenient.Value, out *Outputs) *Rejection { return f.handle(event, out) }

// newServer serves a function called Fake with all its outputs.
func newServer(log io.Writer, handle func(event lenient.Value, out *Outputs) *Rejection) *Server {
	function := &bound{Function: fake{"Fake", handle}, trigger: "events", outputs: []string{"messages", "rows", "rejectedEvents"}}
	return &Server{
		App:     &App{functions: map[string]*bound{"Fake": function}},
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

// logged are the lines of a log.
func logged(log *bytes.Buffer) []string {
	return strings.FieldsFunc(log.String(), func(r rune) bool { return r == '\n' })
}
