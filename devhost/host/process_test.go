package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/app"
)

// envPlay makes the test program a process of these tests: see PlayProcess.
const envPlay = "HOST_TEST_PLAY"

// PlayProcess does what a test asks its process to do, and ends it. Without such
// a request it returns.
func PlayProcess() {
	play, ok := os.LookupEnv(envPlay)
	if !ok {
		return
	}
	switch play {
	case "print":
		directory, _ := os.Getwd()
		fmt.Println("arguments", strings.Join(os.Args[1:], "|"))
		fmt.Println("directory", directory)
		for _, name := range []string{
			"FUNCTIONS_CUSTOMHANDLER_PORT", "FUNCTIONS_HTTPWORKER_PORT", "FUNCTIONS_APP_ROOT_PATH", "MINE",
		} {
			fmt.Println(name, os.Getenv(name))
		}
		id := os.Getenv("FUNCTIONS_CUSTOMHANDLER_WORKER_ID")
		fmt.Println("a worker id, twice:", uuid.Validate(id) == nil && id == os.Getenv("FUNCTIONS_HTTPWORKER_ID"))
	case "log":
		fmt.Println("one")
		fmt.Fprintln(os.Stderr, "two: a Warning")
		fmt.Fprintln(os.Stderr, "three")
		fmt.Println("LanguageWorkerConsoleLogfour")
		fmt.Println("azfuncjsonlog:five")
		for _, line := range []string{"six", "seven", "eight"} {
			fmt.Fprintln(os.Stderr, line)
		}
		fmt.Print("nine without a newline")
		os.Exit(7)
	case "listen":
		listener, err := net.Listen("tcp4", "127.0.0.1:"+os.Getenv("FUNCTIONS_CUSTOMHANDLER_PORT"))
		if err != nil {
			panic(err)
		}
		time.Sleep(200 * time.Millisecond)
		_ = http.Serve(listener, http.NotFoundHandler())
	case "sleep":
		time.Sleep(time.Minute)
	case "leave a child":
		child := exec.Command("/bin/sleep", "60")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		_ = child.Start()
		fmt.Println("child", child.Process.Pid)
		time.Sleep(time.Minute)
	}
	os.Exit(0)
}

// output collects the lines of a process.
type output struct {
	mu  sync.Mutex
	all []line
}

func (l *output) add(line line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, line)
}

// program is a process to start.
type program struct {
	handler     app.Handler
	root        string
	environment map[string]string
	output      output
}

func newProgram(t *testing.T, play string) *program {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &program{
		handler:     app.Handler{Executable: executable, WorkingDirectory: ".", WorkerDirectory: ".", StderrIsError: true},
		root:        t.TempDir(),
		environment: map[string]string{envPlay: play, "MINE": "mine", "GOCOVERDIR": t.TempDir()},
	}
}

func (o *program) start(t *testing.T) (*process, error) {
	t.Helper()
	port, err := freePort(app.Handler{})
	if err != nil {
		t.Fatal(err)
	}
	return startProcess(o.handler, o.root, o.environment, port, o.output.add)
}

func TestEnvironmentAndArguments(t *testing.T) {
	o := newProgram(t, "print")
	o.root = filepath.Join(t.TempDir(), "app")
	if err := os.MkdirAll(filepath.Join(o.root, "there"), 0o700); err != nil {
		t.Fatal(err)
	}
	o.handler.WorkingDirectory = "there"
	o.handler.Arguments = []string{"-a", "b c", "%MINE%", "%UNSET%x", `"d e"`, `\"f`}
	o.handler.WorkerPath = "w %MINE%"
	o.handler.WorkerArguments = []string{"last"}
	p, err := o.start(t)
	if err != nil {
		t.Fatal(err)
	}
	<-p.done
	_, port, _ := net.SplitHostPort(p.address)
	there, _ := filepath.EvalSymlinks(filepath.Join(o.root, "there"))
	want := []string{
		`arguments -a|b|c|mine|x|d e|"f|w mine|last`,
		"directory " + there,
		"FUNCTIONS_CUSTOMHANDLER_PORT " + port,
		"FUNCTIONS_HTTPWORKER_PORT " + port,
		"FUNCTIONS_APP_ROOT_PATH " + o.root,
		"MINE mine",
		"a worker id, twice: true",
	}
	var got []string
	for _, line := range o.output.all {
		got = append(got, line.text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestExecutableOfTheApp(t *testing.T) {
	o := newProgram(t, "sleep")
	if err := os.Symlink(o.handler.Executable, filepath.Join(o.root, "own")); err != nil {
		t.Fatal(err)
	}
	o.environment["NAME"] = "own"
	o.handler.Executable = "%NAME%"
	p, err := o.start(t)
	if err != nil {
		t.Fatal(err)
	}
	p.kill()
	p.kill()
	if code := p.exitCode(); code != 128+9 {
		t.Errorf("exit code %d", code)
	}
}

// A child that keeps the handler's output open does not delay kill.
func TestKillDoesNotWaitForChildren(t *testing.T) {
	o := newProgram(t, "leave a child")
	p, err := o.start(t)
	if err != nil {
		t.Fatal(err)
	}
	var child int
	for range 1000 {
		o.output.mu.Lock()
		if len(o.output.all) > 0 {
			_, _ = fmt.Sscanf(o.output.all[0].text, "child %d", &child)
		}
		o.output.mu.Unlock()
		if child != 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if child == 0 {
		t.Fatal("there is no child")
	}
	start := time.Now()
	p.kill()
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	if process, err := os.FindProcess(child); err == nil {
		_ = process.Kill()
	}
}

func TestMissingExecutable(t *testing.T) {
	o := newProgram(t, "print")
	o.handler.Executable = "nowhere/%UNSET%"
	_, err := o.start(t)
	want := "host.json: customHandler.description.defaultExecutablePath nowhere/%UNSET%: no such file or directory: has the handler been built?"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	plain := filepath.Join(o.root, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o.handler.Executable = "plain"
	_, err = o.start(t)
	want = "host.json: customHandler.description.defaultExecutablePath plain: permission denied"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestLines(t *testing.T) {
	o := newProgram(t, "log")
	p, err := o.start(t)
	if err != nil {
		t.Fatal(err)
	}
	<-p.done
	if code := p.exitCode(); code != 7 {
		t.Errorf("exit code %d", code)
	}
	const user = "Host.Function.Console"
	want := []line{
		{level: zerolog.InfoLevel, category: user, text: "one"},
		{level: zerolog.WarnLevel, category: user, text: "two: a Warning"},
		{level: zerolog.ErrorLevel, category: user, text: "three"},
		{level: zerolog.InfoLevel, category: "Worker.HttpWorkerProcess", text: "four"},
		{level: zerolog.InfoLevel, category: "Host.Function.ToolingConsoleLog", text: "azfuncjsonlog:five"},
		{level: zerolog.ErrorLevel, category: user, text: "six"},
		{level: zerolog.ErrorLevel, category: user, text: "seven"},
		{level: zerolog.ErrorLevel, category: user, text: "eight"},
		{level: zerolog.InfoLevel, category: user, text: "nine without a newline"},
	}
	byText := func(a, b line) int { return strings.Compare(a.text, b.text) }
	slices.SortFunc(want, byText)
	slices.SortFunc(o.output.all, byText)
	if diff := cmp.Diff(want, o.output.all, cmp.AllowUnexported(line{})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"six", "seven", "eight"}, p.errors); diff != "" {
		t.Error(diff)
	}
}

func TestStderrNotForErrorsOnly(t *testing.T) {
	o := newProgram(t, "log")
	o.handler.StderrIsError = false
	p, err := o.start(t)
	if err != nil {
		t.Fatal(err)
	}
	<-p.done
	for _, line := range o.output.all {
		if line.text == "three" && line.level != zerolog.InfoLevel {
			t.Errorf("%+v", line)
		}
	}
}

func TestReady(t *testing.T) {
	o := newProgram(t, "listen")
	p, err := o.start(t)
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	if err := p.waitReady(t.Context(), 10*time.Second); err != nil {
		t.Error(err)
	}
}

func TestNeverReady(t *testing.T) {
	o := newProgram(t, "sleep")
	p, err := o.start(t)
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	want := "the handler did not listen on " + p.address + " within 100ms"
	if err := p.waitReady(t.Context(), 100*time.Millisecond); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.waitReady(ctx, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestEndedBeforeReady(t *testing.T) {
	o := newProgram(t, "log")
	p, err := o.start(t)
	if err != nil {
		t.Fatal(err)
	}
	want := "the handler ended with exit code 7 before it was ready"
	if err := p.waitReady(t.Context(), time.Minute); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestEnvironments(t *testing.T) {
	e := NewEnvironment([]string{"SHELL_WINS=1", "EMPTY=", "BROKEN", "=C:=x"},
		map[string]string{"SHELL_WINS": "2", "EMPTY": "3", "NEW": "4"}, map[string]string{"FORCED": "5", "NEW": "6"})
	want := map[string]string{"EMPTY": "3", "FORCED": "5", "NEW": "6", "SHELL_WINS": "1"}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
	for text, want := range map[string]string{
		"%NEW%": "6", "a%NEW%b%FORCED%": "a6b5", "%OTHER%": "%OTHER%", "100%": "100%", "%%": "%%", "%NEW": "%NEW",
	} {
		if got := expand(text, e, true); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
