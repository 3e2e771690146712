package prove_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/internal/testkit/azuritetest"
)

// timeScale makes Event Grid's pauses 100 times shorter than Azure's: the first
// one is a tenth of a second.
const timeScale = 100

// stack is devhost with the app, its storage and the network between them.
type stack struct {
	t         *testing.T
	app, data string   // folders
	with      []string // more arguments for devhost
	address   string
	environ   []string
	devhost   *exec.Cmd
	output    *testkit.Buffer

	azurite     *azurite.Azurite
	azuriteData string
	// connection is the connection string through the proxies, direct the one
	// of the storage itself.
	connection, direct string
	proxies            proxies

	// accepted are the message ids of the events that the topic has accepted,
	// refused those of the others.
	accepted, refused []string
	// images are the accepted message ids of images.
	images []string
	// webhooks counts the webhooks of Meta.
	webhooks int
}

// newStack starts devhost on Azurite.
func newStack(t *testing.T, environ ...string) *stack {
	t.Helper()
	s := &stack{t: t, azuriteData: t.TempDir(), environ: environ}
	s.startAzurite()
	s.proxies, s.connection = newProxies(t, s.direct)
	s.start()
	return s
}

// newEmbeddedStack starts devhost on its embedded storage.
func newEmbeddedStack(t *testing.T) *stack {
	t.Helper()
	s := &stack{t: t, connection: platform.Embedded}
	s.start()
	return s
}

// start installs the app and starts devhost until the test ends.
func (s *stack) start() {
	s.t.Helper()
	s.app, s.data, s.output = testkit.AppFolder(s.t, mediaRequests()...), filepath.Join(s.t.TempDir(), platform.DataFolder), new(testkit.Buffer)
	testkit.InstallHandler(s.t, s.app)
	s.address = testkit.FreeAddress(s.t)
	s.t.Cleanup(func() {
		s.proxies.reset()
		s.stopDevhost()
		if s.t.Failed() {
			s.t.Logf("devhost ended with %s; its last lines:\n%s", s.devhost.ProcessState, lastLines(s.output.String(), 40))
		}
	})
	s.startDevhost()
}

// lastLines returns the last lines of a text, at most a number of them.
func lastLines(text string, number int) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-number):], "\n")
}

func (s *stack) startAzurite() {
	s.t.Helper()
	s.azurite = azuritetest.Start(s.t, azurite.Options{Data: s.azuriteData})
	s.direct = s.azurite.Connection
}

// restartAzurite restarts it with the data that it has stored.
func (s *stack) restartAzurite() {
	s.t.Helper()
	s.azurite.Stop()
	time.Sleep(500 * time.Millisecond)
	s.startAzurite()
	s.proxies.retarget(s.direct)
}

func (s *stack) startDevhost() {
	s.t.Helper()
	arguments := []string{"run", "--app", s.app, "--data", s.data, "--address", s.address,
		"--time-scale", strconv.Itoa(timeScale), "--storage", s.connection}
	s.devhost = exec.Command(testkit.Program(s.t, "devhost"), append(arguments, s.with...)...)
	s.devhost.Env = append(os.Environ(), s.environ...)
	s.devhost.Stdout, s.devhost.Stderr = s.output, s.output
	testkit.Must(s.t, s.devhost.Start())
	testkit.WaitForHost(s.t, s.address)
}

func (s *stack) stopDevhost() {
	_ = s.devhost.Process.Signal(os.Interrupt)
	_ = s.devhost.Wait()
}

func (s *stack) killDevhost() {
	_ = s.devhost.Process.Kill()
	_ = s.devhost.Wait()
}

// handlers returns the process ids of the running handlers.
func (s *stack) handlers() []int { return processes(filepath.Join(s.app, "bin", "handler")) }

// processes returns the ids of the processes that run a program.
func processes(program string) (pids []int) {
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, link := range links {
		exe, _ := os.Readlink(link)
		stat, _ := os.ReadFile(filepath.Join(filepath.Dir(link), "stat"))
		if exe == program && !strings.Contains(string(stat), ") Z ") {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(link)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// handler waits until exactly one handler runs and returns its process id.
func (s *stack) handler() int { return s.running(s.app, "handler") }

// running waits until exactly one process runs the program of an app, and returns
// its id.
func (s *stack) running(folder, program string) (pid int) {
	s.t.Helper()
	testkit.WaitUntil(s.t, "one "+program+" runs", func() bool {
		pids := processes(filepath.Join(folder, "bin", program))
		if len(pids) == 1 {
			pid = pids[0]
		}
		return len(pids) == 1
	})
	return pid
}

func (s *stack) kill(pid int) { testkit.Must(s.t, syscall.Kill(pid, syscall.SIGKILL)) }

// handlerAddress returns the address that the handler listens on.
func (s *stack) handlerAddress() string {
	s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", s.handler()))
	testkit.Must(s.t, err)
	for variable := range strings.SplitSeq(string(text), "\x00") {
		if port, ok := strings.CutPrefix(variable, "FUNCTIONS_CUSTOMHANDLER_PORT="); ok {
			return "127.0.0.1:" + port
		}
	}
	s.t.Fatal("the handler has no port")
	return ""
}
