package examples

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"whatsapp-functions/internal/testkit"
)

// program is a consumer that can be started.
type program []string

// programs returns the consumers as they are, by language.
func programs(t *testing.T) map[string]program {
	t.Helper()
	needNode(t)
	return map[string]program{"go": build(t, "go"), "node": {"node", "node/consumer.mjs"}}
}

// workers returns the consumers with the work of testdata instead of their own.
func workers(t *testing.T) map[string]program {
	t.Helper()
	needNode(t)
	goCopy, nodeCopy := t.TempDir(), t.TempDir()
	copyFiles(t, "go", goCopy, "*.go", "go.mod", "go.sum")
	copyFiles(t, "node", nodeCopy, "*.mjs", "package.json")
	if err := os.Symlink(absolute(t, "node/node_modules"), filepath.Join(nodeCopy, "node_modules")); err != nil {
		t.Fatal(err)
	}
	replaceWork(t, filepath.Join(goCopy, "work.go"), "testdata/work.go.txt", "func handleMessage(", "func original(")
	replace(t, filepath.Join(goCopy, "work.go"), "\t\"context\"\n", "\t\"context\"\n\t\"errors\"\n\t\"os\"\n\t\"time\"\n")
	replaceWork(t, filepath.Join(nodeCopy, "work.mjs"), "testdata/work.mjs.txt", "export async function handleMessage(", "async function original(")
	return map[string]program{"go": build(t, goCopy), "node": {"node", filepath.Join(nodeCopy, "consumer.mjs")}}
}

func needNode(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("node/node_modules"); err != nil {
		testkit.Skip(t, "the packages of examples/node are not installed: make examples/node/node_modules")
	}
}

// build builds the Go consumer in a folder.
func build(t *testing.T, folder string) program {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "consumer")
	command := exec.Command("go", "build", "-o", binary, ".")
	command.Dir = folder
	if text, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return program{binary}
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func copyFiles(t *testing.T, from, to string, patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		files, err := filepath.Glob(filepath.Join(from, pattern))
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			write(t, filepath.Join(to, filepath.Base(file)), readFile(t, file))
		}
	}
}

// replaceWork renames a function and appends the file that defines it again.
func replaceWork(t *testing.T, file, with, old, renamed string) {
	t.Helper()
	replace(t, file, old, renamed)
	write(t, file, readFile(t, file)+readFile(t, with))
}

func replace(t *testing.T, file, old, new string) {
	t.Helper()
	text := readFile(t, file)
	if strings.Count(text, old) != 1 {
		t.Fatalf("%s does not contain %q once", file, old)
	}
	write(t, file, strings.Replace(text, old, new, 1))
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// process is a consumer that runs.
type process struct {
	command        *exec.Cmd
	stdout, stderr testkit.Buffer
	ended          chan struct{}
}

// start starts a consumer. It is killed at the end of the test.
func (p program) start(t *testing.T, connection, visibility string, args ...string) *process {
	t.Helper()
	running := &process{command: exec.Command(p[0], append(p[1:len(p):len(p)], args...)...), ended: make(chan struct{})}
	running.command.Env = append(os.Environ(), "CONVERSATION_STORAGE="+connection, "CONSUMER_VISIBILITY="+visibility)
	running.command.Stdout, running.command.Stderr = &running.stdout, &running.stderr
	if err := running.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(running.ended)
		_ = running.command.Wait()
	}()
	t.Cleanup(func() {
		running.kill()
		if t.Failed() {
			t.Logf("%s wrote:\n%s%s", p[0], &running.stdout, &running.stderr)
		}
	})
	return running
}

// kill ends the process at once.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.ended
}

// stop asks the process to end, and returns its exit code.
func (p *process) stop(t *testing.T) int {
	t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	<-p.ended
	return p.command.ProcessState.ExitCode()
}

// hasEnded reports whether the process has ended.
func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// ask runs a command that ends, and returns what it prints.
func (p program) ask(t *testing.T, connection string, args ...string) string {
	t.Helper()
	asked := p.start(t, connection, "60", args...)
	<-asked.ended
	if code := asked.command.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("%v: exit code %d: %s", args, code, &asked.stderr)
	}
	return asked.stdout.String()
}
