package prove_test

import (
	"math/rand/v2"
	"net"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"whatsapp-functions/internal/testkit"
)

// proxy forwards connections to one endpoint of storage, as badly as its fields
// demand. A chunk is what one read returns.
type proxy struct {
	down   atomic.Bool  // refuse new connections and close the others
	hangs  atomic.Bool  // forward nothing
	delay  atomic.Int64 // nanoseconds for each chunk
	broken atomic.Int64 // percentage of chunks that close their connection
	passed atomic.Int64 // number of chunks forwarded

	listener net.Listener
	target   atomic.Value // string
}

func newProxy(t testing.TB, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	testkit.Must(t, err)
	p := &proxy{listener: listener}
	p.target.Store(target)
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

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	if p.down.Load() {
		return
	}
	server, err := net.Dial("tcp4", p.target.Load().(string))
	if err != nil {
		return
	}
	defer server.Close()
	var both sync.WaitGroup
	both.Go(func() { p.forward(server, client) })
	both.Go(func() { p.forward(client, server) })
	both.Wait()
}

// forward copies one direction until a side closes or the proxy breaks it.
func (p *proxy) forward(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	chunk := make([]byte, 32<<10)
	for {
		_ = from.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		n, err := from.Read(chunk)
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() && n == 0 {
			if p.down.Load() {
				return
			}
			continue
		}
		for p.hangs.Load() {
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(time.Duration(p.delay.Load()))
		if err != nil || p.down.Load() || rand.Int64N(100) < p.broken.Load() {
			return
		}
		if _, err := to.Write(chunk[:n]); err != nil {
			return
		}
		p.passed.Add(1)
	}
}

// proxies are the proxies of a storage account: Blob, Queue and Table.
type proxies map[string]*proxy

var endpoint = regexp.MustCompile(`(Blob|Queue|Table)Endpoint=http://([0-9.:]+)/`)

// newProxies starts a proxy for each endpoint of a connection string, and
// returns the connection string that leads through them.
func newProxies(t testing.TB, connection string) (proxies, string) {
	t.Helper()
	all := proxies{}
	return all, endpoint.ReplaceAllStringFunc(connection, func(text string) string {
		match := endpoint.FindStringSubmatch(text)
		all[match[1]] = newProxy(t, match[2])
		return match[1] + "Endpoint=http://" + all[match[1]].listener.Addr().String() + "/"
	})
}

// retarget makes the proxies forward to another account.
func (all proxies) retarget(connection string) {
	for _, match := range endpoint.FindAllStringSubmatch(connection, -1) {
		all[match[1]].target.Store(match[2])
	}
}

// set changes all proxies.
func (all proxies) set(change func(p *proxy)) {
	for _, p := range all {
		change(p)
	}
}

// reset ends all faults.
func (all proxies) reset() {
	all.set(func(p *proxy) {
		p.down.Store(false)
		p.hangs.Store(false)
		p.delay.Store(0)
		p.broken.Store(0)
	})
}

// passed counts the chunks that were forwarded.
func (all proxies) passed() (n int64) {
	all.set(func(p *proxy) { n += p.passed.Load() })
	return n
}
