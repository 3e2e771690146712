// Package azurite runs Azurite, Microsoft's emulator of Azure Storage.
package azurite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// script is where npm puts Azurite, below the app's folder.
const script = "tools/azurite/node_modules/azurite/dist/src/azurite.js"

// ErrNotInstalled says that Azurite, or the Node.js that it needs, is missing.
var ErrNotInstalled = errors.New("Azurite is not installed: make azurite installs it, with Node.js and npm")

// Options say how to run it.
type Options struct {
	// Folder is the app's, below which Azurite is installed.
	Folder string
	// Usual asks for the ports that UseDevelopmentStorage=true means, if they
	// are free. Otherwise any ports do.
	Usual bool
	// Data is the folder where it keeps what it stores; empty for memory.
	Data string
}

// Azurite is an emulator that runs.
type Azurite struct {
	// Connection is the connection string of its one account.
	Connection string
	// Usual says that it listens on the usual ports.
	Usual bool

	command *exec.Cmd
	stop    context.CancelFunc
	ended   chan struct{}
}

// usualPorts are those of blobs, queues and tables.
var usualPorts = []string{"10000", "10001", "10002"}

// Start starts Azurite and returns when it listens. It ends with ctx.
func Start(ctx context.Context, o Options) (*Azurite, error) {
	path := filepath.Join(o.Folder, script)
	node, err := exec.LookPath("node")
	if _, statErr := os.Stat(path); err != nil || statErr != nil {
		return nil, ErrNotInstalled
	}
	ports := []string{"0", "0", "0"}
	usual := o.Usual && allFree(usualPorts)
	if usual {
		ports = usualPorts
	}
	ctx, stop := context.WithCancel(ctx)
	a := &Azurite{Usual: usual, stop: stop, ended: make(chan struct{})}
	where := []string{"--inMemoryPersistence"}
	if o.Data != "" {
		where = []string{"--location", o.Data}
	}
	args := slices.Concat([]string{path}, where, []string{"--skipApiVersionCheck", "--disableTelemetry", "--silent",
		"--blobPort", ports[0], "--queuePort", ports[1], "--tablePort", ports[2]})
	a.command = exec.CommandContext(ctx, node, args...)
	// It closes its files when it is interrupted.
	a.command.Cancel = func() error { return a.command.Process.Signal(os.Interrupt) }
	a.command.WaitDelay = 5 * time.Second
	stdout, err := a.command.StdoutPipe()
	if err == nil {
		a.command.Stderr = a.command.Stdout
		err = a.command.Start()
	}
	if err != nil {
		stop()
		return nil, fmt.Errorf("azurite: %w", err)
	}
	addresses := make(chan map[string]string, 1)
	go func() {
		defer close(a.ended)
		a.listen(bufio.NewScanner(stdout), addresses)
		_ = a.command.Wait()
	}()
	select {
	case found := <-addresses:
		a.Connection = connection(found)
		return a, nil
	case <-a.ended:
		return nil, errors.New("azurite: it ended before it listened")
	case <-time.After(30 * time.Second):
		a.Stop()
		return nil, errors.New("azurite: it did not listen within 30 seconds")
	}
}

// listen reads what Azurite says, until it has told all three addresses, and on
// until it ends.
func (a *Azurite) listen(lines *bufio.Scanner, addresses chan<- map[string]string) {
	found := map[string]string{}
	for lines.Scan() {
		// Azurite Blob service is successfully listening at http://127.0.0.1:10000
		before, address, ok := strings.Cut(lines.Text(), " service is successfully listening at ")
		if !ok {
			continue
		}
		found[strings.TrimPrefix(before, "Azurite ")] = address
		if len(found) == len(usualPorts) {
			addresses <- found
		}
	}
}

// connection is the connection string of Azurite's public account.
func connection(addresses map[string]string) string {
	const account = "devstoreaccount1"
	const key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
	text := "DefaultEndpointsProtocol=http;AccountName=" + account + ";AccountKey=" + key
	for _, service := range []string{"Blob", "Queue", "Table"} {
		text += fmt.Sprintf(";%sEndpoint=%s/%s", service, addresses[service], account)
	}
	return text
}

// Stop ends Azurite.
func (a *Azurite) Stop() {
	a.stop()
	<-a.ended
}

// Ended is closed when Azurite has ended.
func (a *Azurite) Ended() <-chan struct{} { return a.ended }

func allFree(ports []string) bool {
	for _, port := range ports {
		listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			return false
		}
		_ = listener.Close()
	}
	return true
}
