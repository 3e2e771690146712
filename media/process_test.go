package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/internal/testkit/azuritetest"
)

// process is the program as it ships, as a process of its own.
type process struct {
	*exec.Cmd
	url    string
	output *testkit.Buffer
}

func (w *world) startProcess(t testing.TB) *process {
	t.Helper()
	address := testkit.FreeAddress(t)
	p := &process{Cmd: exec.Command(testkit.Program(t, "media")), url: "http://" + address, output: &testkit.Buffer{}}
	for name, value := range w.env {
		p.Env = append(p.Env, name+"="+value)
	}
	p.Env = append(p.Env, "FUNCTIONS_CUSTOMHANDLER_PORT="+address[strings.LastIndex(address, ":")+1:])
	p.Stdout, p.Stderr = p.output, p.output
	testkit.Must(t, p.Start())
	t.Cleanup(p.kill)
	testkit.WaitForHost(t, address)
	return p
}

func (p *process) kill() {
	_ = p.Process.Kill()
	_ = p.Wait()
}

// peakMemory returns the most memory that the process ever had, in bytes.
func (p *process) peakMemory(t testing.TB) int64 {
	t.Helper()
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	if err != nil {
		testkit.Skip(t, "this system has no /proc to read the memory of a process from")
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			testkit.Must(t, err)
			return kilobytes << 10
		}
	}
	t.Fatal("no VmHWM in /proc/<pid>/status")
	return 0
}

// large returns a file whose blocks differ.
func large(size int) []byte {
	content := make([]byte, size)
	for i := range content {
		content[i] = byte(i>>22) ^ byte(i)
	}
	return content
}

// A file whose download was cut off by a kill of the process is stored once, whole, by
// the next call.
func TestKilledDuringADownload(t *testing.T) {
	content := large(20 << 20)
	world := newWorld(t)
	half := make(chan struct{})
	var cut atomic.Bool
	world.wrap = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, "/files/") && !cut.Swap(true) {
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			_, _ = w.Write(content[:len(content)/2])
			_ = http.NewResponseController(w).Flush()
			close(half)
			<-r.Context().Done()
			return
		}
		next.ServeHTTP(w, r)
	}
	file := world.add(t, content)
	message := requestOf(fromMeta, file.ID, file.SHA256Hex)

	first := world.startProcess(t)
	ended := make(chan int, 1)
	go func() { status, _ := call(t, first.url, message); ended <- status }()
	<-half
	first.kill()
	if status := <-ended; status == http.StatusOK {
		t.Error("the call of a killed process succeeded")
	}
	if got := world.blob(t); got != nil {
		t.Errorf("a blob of %d bytes is visible after the kill", len(got))
	}

	second := world.startProcess(t)
	status, answer := call(t, second.url, message)
	if status != http.StatusOK || !strings.Contains(result(t, answer), "media.stored.v1") {
		t.Fatalf("%d %s", status, answer)
	}
	if !bytes.Equal(world.blob(t), content) {
		t.Error("the blob is not the file")
	}
}

// Six calls at a time, as many as host.json allows, store 100 MB each in less than
// 64 MiB of memory.
func TestMemory(t *testing.T) {
	testkit.Long(t, "it stores seven files of 100 MB")
	const limit = 64 << 20
	world := newWorld(t)
	world.env[envStorage] = azuritetest.Start(t, azurite.Options{Data: t.TempDir()}).Connection
	file := world.add(t, large(100<<20))
	p := world.startProcess(t)
	for _, calls := range []int{1, 6} {
		var running sync.WaitGroup
		for i := range calls {
			running.Go(func() {
				message := strings.ReplaceAll(requestOf(fromMeta, file.ID, file.SHA256Hex), blobName, fmt.Sprintf("%d/%d.jpg", calls, i))
				if status, answer := call(t, p.url, message); status != http.StatusOK || !strings.Contains(answer, "media.stored.v1") {
					t.Errorf("%d %s\n%s", status, answer, p.output)
				}
			})
		}
		running.Wait()
		peak := p.peakMemory(t)
		t.Logf("peak memory after %d at a time: %.1f MiB", calls, float64(peak)/(1<<20))
		if peak > limit {
			t.Errorf("peak memory %d bytes, want %d at most", peak, limit)
		}
	}
}
