package bridge

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// Server answers the host's requests. It is an [http.Handler].
type Server struct {
	App *App
	// MaxBody is the most bytes that an invocation's body may have.
	MaxBody int64
	Log     zerolog.Logger

	memories memories
}

// ServeHTTP answers GET / at once, which is how the host learns that the
// handler is there, and POST /<function> with what the function writes.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		w.WriteHeader(http.StatusOK)
		return
	}
	function := s.App.functions[strings.TrimPrefix(r.URL.Path, "/")]
	log := newRequestLog(&s.Log, r, function)
	memory := s.memories.get()
	defer s.memories.put(memory)
	if err := s.call(w, r, function, memory, log); err != nil {
		refuse(w, log, err)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(memory.answer)))
	// Where the host is gone nobody is left to tell: Event Grid delivers again.
	_, _ = w.Write(memory.answer)
}

// call takes one invocation from its request to its answer, in memory.
func (s *Server) call(w http.ResponseWriter, r *http.Request, function *bound, memory *memory, log requestLog) (err error) {
	start := time.Now()
	defer func() {
		if value := recover(); value != nil {
			log.panicked(value)
			err = errBug
		}
	}()
	if function == nil {
		return errNoFunction
	}
	if r.Method != http.MethodPost {
		return errMethod
	}
	body, err := memory.read(w, r, s.MaxBody)
	if err != nil {
		return err
	}
	value, err := memory.triggerValue(body, function.trigger)
	if err != nil {
		return err
	}
	memory.outputs.reset(function.outputs)
	call := invocation{id: log.id, function: function, log: log, outputs: &memory.outputs}
	call.run(memory.entries(value))
	memory.document = memory.document[:0]
	if len(call.rejected) > 0 {
		memory.document = call.appendDocument(memory.document)
	}
	memory.answer = call.appendAnswer(memory.answer[:0], memory.document)
	call.logCompletion(time.Since(start))
	return nil
}
