package worker_test

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
	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/worker"
)

// The test program plays the handler when it is told how.
const envPlay = "WORKER_TEST_PLAY"

func TestMain(m *testing.M) {
	play, told := os.LookupEnv(envPlay)
	if !told {
		os.Exit(m.Run())
	}
	switch play {
	case "tell":
		directory, _ := os.Getwd()
		fmt.Println("arguments", strings.Join(os.Args[1:], "|"))
		fmt.Println("directory", directory)
		for _, name := range []string{
			"FUNCTIONS_CUSTOMHANDLER_PORT", "FUNCTIONS_HTTPWORKER_PORT", "FUNCTIONS_CUSTOMHANDLER_WORKER_ID",
			"FUNCTIONS_HTTPWORKER_ID", "FUNCTIONS_APP_ROOT_PATH", "MINE",
		} {
			fmt.Println(name, os.Getenv(name))
		}
	case "speak":
		fmt.Println("one")
		fmt.Fprintln(os.Stderr, "two: a Warning")
		fmt.Fprintln(os.Stderr, "three")
		fmt.Println("LanguageWorkerConsoleLogfour")
		fmt.Println("azfuncjsonlog:five")
		for _, line := range []string{"six", "seven", "eight"} {
			fmt.Fprintln(os.Stderr, line)
		}
		fmt.Print("nine without an end")
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

// spoken gathers what a handler says.
type spoken struct {
	mu  sync.Mutex
	all []worker.Line
}

func (l *spoken) add(line worker.Line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, line)
}

func options(t *testing.T, play string, said *spoken) worker.Options {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	port, err := worker.Port(app.Handler{})
	if err != nil {
		t.Fatal(err)
	}
	return worker.Options{
		Port:        port,
		Handler:     app.Handler{Executable: program, WorkingDirectory: ".", WorkerDirectory: ".", StderrIsError: true},
		Root:        t.TempDir(),
		Environment: worker.Environment{envPlay: play, "MINE": "mine", "GOCOVERDIR": t.TempDir()},
		ID:          "id-1",
		Line:        said.add,
	}
}

func TestEnvironmentAndArguments(t *testing.T) {
	var said spoken
	o := options(t, "tell", &said)
	o.Root = filepath.Join(t.TempDir(), "app")
	if err := os.MkdirAll(filepath.Join(o.Root, "there"), 0o700); err != nil {
		t.Fatal(err)
	}
	o.Handler.WorkingDirectory = "there"
	o.Handler.Arguments = []string{"-a", "b c", "%MINE%", "%NOBODYS%x", `"d e"`, `\"f`}
	o.Handler.WorkerPath = "w %MINE%"
	o.Handler.WorkerArguments = []string{"last"}
	p, err := worker.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	_, port, _ := net.SplitHostPort(p.Address)
	there, _ := filepath.EvalSymlinks(filepath.Join(o.Root, "there"))
	want := []string{
		`arguments -a|b|c|mine|x|d e|"f|w mine|last`,
		"directory " + there,
		"FUNCTIONS_CUSTOMHANDLER_PORT " + port,
		"FUNCTIONS_HTTPWORKER_PORT " + port,
		"FUNCTIONS_CUSTOMHANDLER_WORKER_ID id-1",
		"FUNCTIONS_HTTPWORKER_ID id-1",
		"FUNCTIONS_APP_ROOT_PATH " + o.Root,
		"MINE mine",
	}
	var got []string
	for _, line := range said.all {
		got = append(got, line.Text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestExecutableOfTheApp(t *testing.T) {
	var said spoken
	o := options(t, "sleep", &said)
	if err := os.Symlink(o.Handler.Executable, filepath.Join(o.Root, "own")); err != nil {
		t.Fatal(err)
	}
	o.Environment = o.Environment.Override(map[string]string{"NAME": "own"})
	o.Handler.Executable = "%NAME%"
	p, err := worker.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	p.Kill()
	p.Kill()
	if code := p.ExitCode(); code != 128+9 {
		t.Errorf("exit code %d", code)
	}
}

// A child that holds the handler's output open holds nobody up.
func TestKillDoesNotWaitForChildren(t *testing.T) {
	var said spoken
	p, err := worker.Start(options(t, "leave a child", &said))
	if err != nil {
		t.Fatal(err)
	}
	var child int
	for range 1000 {
		said.mu.Lock()
		if len(said.all) > 0 {
			_, _ = fmt.Sscanf(said.all[0].Text, "child %d", &child)
		}
		said.mu.Unlock()
		if child != 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if child == 0 {
		t.Fatal("there is no child")
	}
	start := time.Now()
	p.Kill()
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	if process, err := os.FindProcess(child); err == nil {
		_ = process.Kill()
	}
}

func TestExecutableThatIsNot(t *testing.T) {
	var said spoken
	o := options(t, "tell", &said)
	o.Handler.Executable = "nowhere/%NOBODYS%"
	_, err := worker.Start(o)
	want := "host.json: customHandler.description.defaultExecutablePath nowhere/%NOBODYS%: no such file or directory: has the handler been built?"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	plain := filepath.Join(o.Root, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o.Handler.Executable = "plain"
	_, err = worker.Start(o)
	want = "host.json: customHandler.description.defaultExecutablePath plain: permission denied"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestLines(t *testing.T) {
	var said spoken
	p, err := worker.Start(options(t, "speak", &said))
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if code := p.ExitCode(); code != 7 {
		t.Errorf("exit code %d", code)
	}
	const user = "Host.Function.Console"
	want := []worker.Line{
		{Level: zerolog.InfoLevel, Category: user, Text: "one"},
		{Level: zerolog.WarnLevel, Category: user, Text: "two: a Warning"},
		{Level: zerolog.ErrorLevel, Category: user, Text: "three"},
		{Level: zerolog.InfoLevel, Category: "Worker.HttpWorkerProcess", Text: "four"},
		{Level: zerolog.InfoLevel, Category: "Host.Function.ToolingConsoleLog", Text: "azfuncjsonlog:five"},
		{Level: zerolog.ErrorLevel, Category: user, Text: "six"},
		{Level: zerolog.ErrorLevel, Category: user, Text: "seven"},
		{Level: zerolog.ErrorLevel, Category: user, Text: "eight"},
		{Level: zerolog.InfoLevel, Category: user, Text: "nine without an end"},
	}
	byText := func(a, b worker.Line) int { return strings.Compare(a.Text, b.Text) }
	slices.SortFunc(want, byText)
	slices.SortFunc(said.all, byText)
	if diff := cmp.Diff(want, said.all); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"six", "seven", "eight"}, p.LastErrors()); diff != "" {
		t.Error(diff)
	}
}

func TestStderrThatIsNotForErrorsOnly(t *testing.T) {
	var said spoken
	o := options(t, "speak", &said)
	o.Handler.StderrIsError = false
	p, err := worker.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	for _, line := range said.all {
		if line.Text == "three" && line.Level != zerolog.InfoLevel {
			t.Errorf("%+v", line)
		}
	}
}

func TestReady(t *testing.T) {
	var said spoken
	p, err := worker.Start(options(t, "listen", &said))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Kill()
	if err := p.Ready(t.Context(), 10*time.Second); err != nil {
		t.Error(err)
	}
}

func TestNeverReady(t *testing.T) {
	var said spoken
	p, err := worker.Start(options(t, "sleep", &said))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Kill()
	want := "the handler did not listen on " + p.Address + " within 100ms"
	if err := p.Ready(t.Context(), 100*time.Millisecond); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Ready(ctx, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestEndedBeforeReady(t *testing.T) {
	var said spoken
	p, err := worker.Start(options(t, "speak", &said))
	if err != nil {
		t.Fatal(err)
	}
	want := "the handler ended with exit code 7 before it was ready"
	if err := p.Ready(t.Context(), time.Minute); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestEnvironments(t *testing.T) {
	e := worker.NewEnvironment([]string{"SHELL_WINS=1", "EMPTY=", "BROKEN", "=C:=x"})
	e = e.With(map[string]string{"SHELL_WINS": "2", "EMPTY": "3", "NEW": "4"}).Override(map[string]string{"FORCED": "5", "NEW": "6"})
	want := []string{"EMPTY=3", "FORCED=5", "NEW=6", "SHELL_WINS=1"}
	if diff := cmp.Diff(want, e.Environ()); diff != "" {
		t.Error(diff)
	}
	for text, want := range map[string]string{
		"%NEW%": "6", "a%NEW%b%FORCED%": "a6b5", "%OTHER%": "%OTHER%", "100%": "100%", "%%": "%%", "%NEW": "%NEW",
	} {
		if got := e.Expand(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
