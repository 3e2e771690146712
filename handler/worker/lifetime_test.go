package worker

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/internal/testkit"
)

// A program that stops finishes running invocations and accepts no new ones.
func TestStoppingFinishesWhatIsInFlight(t *testing.T) {
	started, finish := make(chan struct{}), make(chan struct{})
	w := start(t, environ(t, []string{"Fake"}, nil), func(*Environment) Service {
		return service(func(ctx context.Context, _ string, _ *bridge.Results) error {
			close(started)
			<-finish
			return ctx.Err()
		})
	})
	answered := make(chan error, 1)
	go func() {
		response, err := http.Post(w.URL+"/Fake", "application/json", strings.NewReader(`{"Data":{"item":""}}`))
		if err == nil && response.StatusCode != http.StatusOK {
			err = fmt.Errorf("status %s", response.Status)
		}
		answered <- err
	}()
	<-started
	w.Stop()
	address := strings.TrimPrefix(w.URL, "http://")
	testkit.WaitUntil(t, "the program accepts no connections", func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		}
		return err != nil
	})
	close(finish)
	if err := <-answered; err != nil {
		t.Error(err)
	}
	if code := w.Exit(t); code != 0 {
		t.Errorf("exit code %d: %s", code, w.Stderr)
	}
}

// An invocation that takes too long is cut off. This is not an error, because the
// program was stopped.
func TestStoppingCutsOffWhatNeverEnds(t *testing.T) {
	for name, wait := range map[string]func(r *http.Request){
		"it ends with its context": func(r *http.Request) { <-r.Context().Done() },
		"it never ends":            func(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) },
	} {
		t.Run(name, func(t *testing.T) {
			var log testkit.Buffer
			listener, err := net.Listen("tcp4", "127.0.0.1:0")
			testkit.Must(t, err)
			body, rest := io.Pipe()
			defer rest.Close()
			ctx, stop := context.WithCancel(t.Context())
			reached, left := make(chan struct{}), make(chan struct{})
			life := lifetime{
				server: newServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					defer close(left)
					close(reached)
					wait(r)
				}), zerolog.New(&log)),
				listener: listener, parent: os.Getppid(), drain: 50 * time.Millisecond, log: zerolog.New(&log),
			}
			ended := make(chan error, 1)
			go func() { ended <- life.run(ctx) }()
			go func() { _, _ = http.Post("http://"+listener.Addr().String(), "text/plain", body) }()
			<-reached
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			<-left
			if want := `{"level":"warn","after":50,"message":"invocations were cut off"}`; !strings.Contains(log.String(), want) {
				t.Errorf("the log lacks %s: %s", want, &log)
			}
		})
	}
}

// The server does not close connections that are slow or idle.
func TestServerLimits(t *testing.T) {
	s := newServer(http.NotFoundHandler(), zerolog.Nop())
	if s.ReadHeaderTimeout <= 0 || s.ReadTimeout != 0 || s.WriteTimeout != 0 || s.IdleTimeout != 0 {
		t.Errorf("%+v", s)
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	w := start(t, environ(t, []string{"Fake"}, nil), func(*Environment) Service { return service(succeed) })
	for i := range 3 {
		reused := false
		trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }}
		request, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodPost, w.URL+"/Fake", strings.NewReader(`{"Data":{"item":""}}`))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		if reused != (i > 0) {
			t.Errorf("request %d: used again %t", i, reused)
		}
	}
}
