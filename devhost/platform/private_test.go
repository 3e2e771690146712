package platform

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/internal/testkit"
)

type account struct {
	storage.Storage
	local bool
}

func (a account) Local() bool { return a.local }

// There are transcripts of local data only.
func TestNoTranscriptsOfDataInAzure(t *testing.T) {
	for _, local := range []bool{true, false} {
		folder, err := history.OpenFolder(t.TempDir(), zerolog.Nop())
		if err != nil {
			t.Fatal(err)
		}
		p := &Platform{storage: account{local: local}, transcripts: folder}
		p.invoked(host.Result{Call: bridge.Call{ID: "aaaaaaaa-1111", Function: "F"}, Started: time.Now()})
		if last := folder.Last(1); (len(last) == 1) != local {
			t.Errorf("local %v: %d transcripts", local, len(last))
		}
		if changes, _ := p.history.Since(0); len(changes.Deliveries) != 1 {
			t.Errorf("local %v: %d deliveries", local, len(changes.Deliveries))
		}
	}
}

// Other users can't read the data folder, whichever program wrote it.
func TestDataFolderIsPrivate(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "azurite", "blob")
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	lock, err := lockData(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Unlock() }()
	for _, path := range []string{folder, filepath.Dir(file), file, filepath.Join(folder, "lock")} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v %v", path, info.Mode(), err)
		}
	}
}

// Other machines can reach devhost only if that is allowed.
func TestRemoteAddress(t *testing.T) {
	var log testkit.Log
	for _, address := range []string{":0", "0.0.0.0:0"} {
		if _, err := listen(address, false, log.Logger()); err == nil || !strings.Contains(err.Error(), "--allow-remote") {
			t.Errorf("%s: %v", address, err)
		}
		listener, err := listen(address, true, log.Logger())
		if err != nil {
			t.Fatal(err)
		}
		_ = listener.Close()
	}
	if n := len(log.Lines()); n != 2 {
		t.Errorf("%d warnings: %s", n, &log)
	}
	listener, err := listen("localhost:0", false, log.Logger())
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	taken := listener.Addr().(*net.TCPAddr).String()
	if _, err := listen(taken, false, log.Logger()); err == nil || err.Error() != taken+" is in use: pass another --address" {
		t.Errorf("%v", err)
	}
}
