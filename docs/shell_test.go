package docs

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"whatsapp-functions/internal/testkit"
)

// TestShellBlocks runs every block that is marked `sh test`, in the order of
// the pages, in a copy of the repository in which make run runs.
func TestShellBlocks(t *testing.T) {
	testkit.Long(t, "the shell blocks of the pages")
	folder := t.TempDir()
	// The files that git has or would add, but for deleted ones.
	shell(t, repository, `git ls-files -z --cached --others --exclude-standard |
		xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' - |
		tar --create --null --files-from - | tar --extract --directory '`+folder+`'`)
	makeRun(t, folder)
	ran := 0
	for _, p := range pages(t) {
		for _, b := range p.blocks() {
			if b.info == "sh test" {
				ran++
				t.Run(fmt.Sprintf("%s:%d", p.name, b.line), func(t *testing.T) { shell(t, folder, b.text) })
			}
		}
	}
	if ran < 5 {
		t.Errorf("only %d blocks are marked `sh test`", ran)
	}
}

// shell runs commands in folder; one that fails fails the test.
func shell(t *testing.T, folder, commands string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	bash := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", commands)
	bash.Dir, bash.Env = folder, environment()
	if output, err := bash.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, commands, output)
	}
}

// environment returns a user's environment: without the variables of a make
// that runs the tests.
func environment() []string {
	return append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=")
}

// makeRun runs make run in folder until the test ends, and returns when it
// listens on the port that the pages name.
func makeRun(t *testing.T, folder string) {
	t.Helper()
	if listening() {
		testkit.Skip(t, "port 7071 is in use, and the shell blocks need make run there")
	}
	var output testkit.Buffer
	run := exec.Command("make", "run")
	run.Dir, run.Env = folder, environment()
	run.Stdout, run.Stderr = &output, &output
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // make and its children get the signal below
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-run.Process.Pid, syscall.SIGTERM)
		_ = run.Wait()
		if t.Failed() {
			t.Logf("make run:\n%s", &output)
		}
	})
	testkit.WaitUntil(t, "make run listens on port 7071", listening)
}

func listening() bool {
	connection, err := net.Dial("tcp", "127.0.0.1:7071")
	if err == nil {
		_ = connection.Close()
	}
	return err == nil
}
