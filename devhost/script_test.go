package main

import (
	"errors"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts are sessions at a terminal. $APP is an app folder of their own,
// and $ADDRESS a free address. They have more commands:
//
//	running           waits until devhost run answers at $ADDRESS
//	delivered         waits until all published events are delivered
//	exits 2 command   checks a command's exit code
//	sleep 2s          waits
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			listener, err := net.Listen("tcp4", "127.0.0.1:0")
			if err != nil {
				return err
			}
			defer listener.Close()
			env.Setenv("ADDRESS", listener.Addr().String())
			env.Setenv("TOPIC", "http://"+listener.Addr().String()+"/events")
			env.Setenv("APP", appFolder(t, nil))
			repository, err := filepath.Abs(repository)
			env.Setenv("REPOSITORY", repository)
			env.Setenv("HANDLER_LOG_LEVEL", "debug")
			return err
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"running": func(ts *testscript.TestScript, _ bool, _ []string) {
				eventually(ts, "devhost run does not answer", func() bool {
					response, err := http.Get("http://" + ts.Getenv("ADDRESS") + "/admin/host/status")
					if err == nil {
						_ = response.Body.Close()
					}
					return err == nil
				})
			},
			"delivered": func(ts *testscript.TestScript, _ bool, _ []string) {
				eventually(ts, "events are not delivered", func() bool {
					files, err := filepath.Glob(ts.Getenv("APP") + "/.devhost/eventgrid/*/*.json")
					return err == nil && len(files) == 0
				})
			},
			"sleep": func(ts *testscript.TestScript, _ bool, args []string) {
				pause, err := time.ParseDuration(args[0])
				ts.Check(err)
				time.Sleep(pause)
			},
			"exits": func(ts *testscript.TestScript, _ bool, args []string) {
				got := 0
				if failed, ok := errors.AsType[*exec.ExitError](ts.Exec(args[1], args[2:]...)); ok {
					got = failed.ExitCode()
				}
				if want, _ := strconv.Atoi(args[0]); got != want {
					ts.Fatalf("exit code %d, want %d", got, want)
				}
			},
		},
	})
}

func eventually(ts *testscript.TestScript, failure string, done func() bool) {
	for range 6000 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s within a minute", failure)
}
