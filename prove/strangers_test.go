package prove_test

import (
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/devhost/platform"
)

// otherAddresses are this machine's addresses besides 127.0.0.1.
func otherAddresses(t *testing.T) []string {
	t.Helper()
	all := []string{"127.0.0.2"}
	addresses, err := net.InterfaceAddrs()
	must(t, err)
	for _, address := range addresses {
		if ip, ok := address.(*net.IPNet); ok && !ip.IP.Equal(net.IPv4(127, 0, 0, 1)) && !ip.IP.IsLinkLocalUnicast() {
			all = append(all, ip.IP.String())
		}
	}
	return all
}

// checkLoopback checks that nobody gets through to a port but from 127.0.0.1.
func checkLoopback(t *testing.T, address string) {
	t.Helper()
	connection, err := net.DialTimeout("tcp", address, 5*time.Second)
	must(t, err)
	_ = connection.Close()
	_, port, err := net.SplitHostPort(address)
	must(t, err)
	for _, other := range otherAddresses(t) {
		if connection, err := net.DialTimeout("tcp", net.JoinHostPort(other, port), time.Second); err == nil {
			_ = connection.Close()
			t.Errorf("it answers at %s", other)
		}
	}
}

// Neither of the two listens where another machine could reach it.
func TestNobodyElseGetsThrough(t *testing.T) {
	t.Run("handler", func(t *testing.T) { checkLoopback(t, startHandler(t, appFolder(t, nil)).address) })
	t.Run("devhost", func(t *testing.T) {
		p := startPlatform(t, t.TempDir())
		checkLoopback(t, strings.TrimPrefix(p, "http://"))
	})
}

// startPlatform runs devhost with its own storage until the test ends, at the
// address that it has by itself but for the port, and returns its URL.
func startPlatform(t *testing.T, data string) (url string) {
	t.Helper()
	help, err := exec.Command(program(t, "devhost"), "run", "--help").Output()
	must(t, err)
	if !strings.Contains(string(help), `"127.0.0.1:7071"`) {
		t.Fatalf("devhost listens elsewhere by default:\n%s", help)
	}
	var said output
	devhost := exec.Command(program(t, "devhost"), "run", "--app", appFolder(t, nil), "--data", data, "--address", "127.0.0.1:0")
	devhost.Stdout, devhost.Stderr = &said, &said
	must(t, devhost.Start())
	t.Cleanup(func() {
		_ = devhost.Process.Signal(os.Interrupt)
		_ = devhost.Wait()
	})
	waitUntil(t, "devhost is ready", 30*time.Second, func() bool {
		_, after, ok := strings.Cut(said.String(), " at http://")
		url, _, _ = strings.Cut("http://"+after, " ")
		return ok
	})
	return url
}

// All that devhost keeps is people's conversations: nobody else can read it.
func TestOnlyTheOwnerCanReadWhatIsKept(t *testing.T) {
	data := filepath.Join(t.TempDir(), platform.DataFolder)
	s := &stand{t: t, address: strings.TrimPrefix(startPlatform(t, data), "http://"), data: data, said: new(output)}
	s.publish(2)
	s.publishText(s.event("text", time.Now(), strings.Repeat("x", 100_000)))
	s.settle()
	files := map[string]int{}
	must(t, filepath.WalkDir(data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return nil // it was on its way only
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", path, info.Mode())
		}
		if name, _ := filepath.Rel(data, path); !entry.IsDir() {
			files[strings.Split(name, string(filepath.Separator))[0]]++
		}
		return nil
	}))
	if files["invocations"] < 2 || files["storage"] < 20 {
		t.Errorf("files: %v", files)
	}
}
