package prove_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"whatsapp-functions/internal/testkit"
)

// slowClients opens connections that never finish their request: so many that
// half-close in the middle of the body, and as many that send a header byte by
// byte. They last until end is called.
func slowClients(t *testing.T, address string, each int) (end func()) {
	t.Helper()
	done := make(chan struct{})
	var sending sync.WaitGroup
	for i := range 2 * each {
		connection, err := net.Dial("tcp4", address)
		testkit.Must(t, err)
		sending.Go(func() {
			defer connection.Close()
			if i%2 == 0 {
				_, _ = io.WriteString(connection, "POST /AdvancedMessageTrigger HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"Data\":")
				_ = connection.(*net.TCPConn).CloseWrite()
				<-done
				return
			}
			for _, c := range []byte("POST /AdvancedMessageTrigger HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 1<<20)) {
				if _, err := connection.Write([]byte{c}); err != nil {
					return
				}
				select {
				case <-time.After(50 * time.Millisecond):
				case <-done:
					return
				}
			}
		})
	}
	return func() {
		close(done)
		sending.Wait()
	}
}
