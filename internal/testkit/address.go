package testkit

import (
	"net"
	"net/http"
	"testing"
)

// FreeAddress returns a loopback address that nothing listens on.
func FreeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// WaitForHost waits until a Functions host, such as devhost, answers at an
// address.
func WaitForHost(t testing.TB, address string) {
	t.Helper()
	WaitUntil(t, "the host answers at "+address, func() bool {
		response, err := http.Get("http://" + address + "/admin/host/status")
		if err == nil {
			_ = response.Body.Close()
		}
		return err == nil
	})
}
