package prove_test

import (
	"math/rand/v2"
	"net"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// wire is how the connections to storage behave.
type wire struct {
	// down refuses connections and breaks those that there are.
	down atomic.Bool
	// hangs lets nothing through, and breaks nothing.
	hangs atomic.Bool
	// slow is how long each piece of a request or an answer takes.
	slow atomic.Int64
	// broken is how many of a hundred pieces break their connection.
	broken atomic.Int64
	// passed counts the pieces that were let through.
	passed atomic.Int64
}

func (w *wire) heal() {
	w.down.Store(false)
	w.hangs.Store(false)
	w.slow.Store(0)
	w.broken.Store(0)
}

// proxy stands between devhost and one endpoint of storage.
type proxy struct {
	wire     *wire
	listener net.Listener
	mu       sync.Mutex
	target   string
}

func newProxy(t testing.TB, w *wire, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	p := &proxy{wire: w, listener: listener, target: target}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	return p
}

func (p *proxy) retarget(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	p.mu.Lock()
	target := p.target
	p.mu.Unlock()
	if p.wire.down.Load() {
		return
	}
	server, err := net.Dial("tcp4", target)
	if err != nil {
		return
	}
	defer server.Close()
	var both sync.WaitGroup
	both.Go(func() { p.pass(server, client) })
	both.Go(func() { p.pass(client, server) })
	both.Wait()
}

// pass carries pieces one way until either side closes, or the wire breaks.
func (p *proxy) pass(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	piece := make([]byte, 32<<10)
	for {
		_ = from.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		n, err := from.Read(piece)
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() && n == 0 {
			if p.wire.down.Load() {
				return
			}
			continue
		}
		for p.wire.hangs.Load() {
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(time.Duration(p.wire.slow.Load()))
		if err != nil || p.wire.down.Load() || rand.Int64N(100) < p.wire.broken.Load() {
			return
		}
		if _, err := to.Write(piece[:n]); err != nil {
			return
		}
		p.wire.passed.Add(1)
	}
}

var endpoint = regexp.MustCompile(`(Blob|Queue|Table)Endpoint=http://([0-9.:]+)/`)

// proxies stand before all endpoints of a connection string.
type proxies map[string]*proxy

func newProxies(t testing.TB, w *wire, connection string) (proxies, string) {
	t.Helper()
	all := proxies{}
	return all, endpoint.ReplaceAllStringFunc(connection, func(text string) string {
		match := endpoint.FindStringSubmatch(text)
		all[match[1]] = newProxy(t, w, match[2])
		return match[1] + "Endpoint=http://" + all[match[1]].listener.Addr().String() + "/"
	})
}

// retarget makes the proxies lead to another connection string's endpoints.
func (p proxies) retarget(connection string) {
	for _, match := range endpoint.FindAllStringSubmatch(connection, -1) {
		p[match[1]].retarget(match[2])
	}
}
