package prove_test

import (
	"io/fs"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/internal/testkit"
)

// TestOnlyLoopbackIsServed checks that the handler and devhost do not listen
// where another machine could reach them.
func TestOnlyLoopbackIsServed(t *testing.T) {
	t.Run("handler", func(t *testing.T) { checkLoopback(t, startHandler(t, testkit.AppFolder(t)).address) })
	t.Run("devhost", func(t *testing.T) {
		help, err := exec.Command(testkit.Program(t, "devhost"), "run", "--help").Output()
		testkit.Must(t, err)
		if !strings.Contains(string(help), `"127.0.0.1:7071"`) {
			t.Fatalf("the default address is not 127.0.0.1:7071:\n%s", help)
		}
		checkLoopback(t, newEmbeddedStack(t).address)
	})
}

// checkLoopback checks that a port is open at 127.0.0.1 and at no other address
// of this machine.
func checkLoopback(t *testing.T, address string) {
	t.Helper()
	connection, err := net.DialTimeout("tcp", address, 5*time.Second)
	testkit.Must(t, err)
	_ = connection.Close()
	_, port, err := net.SplitHostPort(address)
	testkit.Must(t, err)
	others := []string{"127.0.0.2"}
	addresses, err := net.InterfaceAddrs()
	testkit.Must(t, err)
	for _, address := range addresses {
		if ip, ok := address.(*net.IPNet); ok && !ip.IP.Equal(net.IPv4(127, 0, 0, 1)) && !ip.IP.IsLinkLocalUnicast() {
			others = append(others, ip.IP.String())
		}
	}
	for _, other := range others {
		if connection, err := net.DialTimeout("tcp", net.JoinHostPort(other, port), time.Second); err == nil {
			_ = connection.Close()
			t.Errorf("the port is open at %s", other)
		}
	}
}

// TestFilesAreTheOwnersOnly checks that other users cannot read what devhost
// stores: it is personal data.
func TestFilesAreTheOwnersOnly(t *testing.T) {
	s := newEmbeddedStack(t)
	s.publish(2)
	s.publishBody(s.event("text", time.Now(), strings.Repeat("x", 100_000)))
	s.settle()
	files := map[string]int{}
	testkit.Must(t, filepath.WalkDir(s.data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return nil // the file was temporary
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", path, info.Mode())
		}
		if name, _ := filepath.Rel(s.data, path); !entry.IsDir() {
			files[strings.Split(name, string(filepath.Separator))[0]]++
		}
		return nil
	}))
	if files["invocations"] < 2 || files["storage"] < 20 {
		t.Errorf("files: %v", files)
	}
}
