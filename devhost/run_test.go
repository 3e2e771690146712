package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestHelp(t *testing.T) {
	for _, command := range []string{"", "run", "send", "outputs", "replay", "demo", "azurite"} {
		args := []string{"devhost", command, "--help"}
		if command == "" {
			args = []string{"devhost", "--help"}
		}
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, nil, &stdout, &stderr); code != 0 || stderr.Len() > 0 {
			t.Errorf("%q: exit code %d, %s", args, code, &stderr)
		}
		if !strings.Contains(stdout.String(), "Usage:") {
			t.Errorf("%q: %s", args, &stdout)
		}
	}
}

func TestRefusesToStart(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	noBinary := appFolder(t, nil)
	if err := os.Remove(filepath.Join(noBinary, "bin/handler")); err != nil {
		t.Fatal(err)
	}
	misspelt := appFolder(t, changed(t, "AdvancedMessageTrigger/function.json", `"inboundMessages"`, `"inboundMesages"`))
	empty := t.TempDir()

	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"a folder that is no app": {[]string{"run", "--app", empty}, "devhost: " + empty + " is not the folder of a Functions app: it has no host.json\n"},
		"a port that is taken":    {[]string{"run", "--app", misspelt, "--address", address}, "devhost: listen tcp4 " + address + ": bind: address already in use: choose another address\n"},
		"no program":              {[]string{"run", "--app", noBinary, "--address", "127.0.0.1:0"}, "devhost: host.json: customHandler.description.defaultExecutablePath bin/handler: no such file or directory: has the handler been built?\n"},
		"a handler that gives up": {[]string{"run", "--app", misspelt, "--address", "127.0.0.1:0"}, "devhost: the handler crashed three times: the host ends itself: the handler ended with exit code 1 before it was ready; its last errors:\n" + `{"level":"error","message":"AdvancedMessageTrigger/function.json: output 'inboundMesages': the function has no such output: it has 'inboundMessages', 'messages', 'rejectedEvents'"}` + "\n"},
		"a flag that is none":     {[]string{"run", "--prot", "1"}, "devhost: unknown flag: --prot\n"},
		"a clock that stands":     {[]string{"run", "--time-scale", "NaN"}, "devhost: --time-scale NaN: write a number above 0, such as 1 for Azure's own pauses\n"},
		"a clock that runs back":  {[]string{"run", "--time-scale", "-1"}, "devhost: --time-scale -1: write a number above 0, such as 1 for Azure's own pauses\n"},
		"a command that is none":  {[]string{"rum"}, "devhost: unknown command \"rum\" for \"devhost\"\n\nDid you mean this?\n\trun\n\n"},
		"a demo of nothing":       {[]string{"demo"}, "devhost: requires at least 1 arg(s), only received 0\n"},
		"a demo of no file":       {[]string{"demo", "--app", misspelt, filepath.Join(empty, "x.json")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if code := run(ctx, append([]string{"devhost"}, test.args...), environ(), io.Discard, &stderr); code != 1 {
				t.Errorf("exit code %d", code)
			}
			if test.want != "" && stderr.String() != test.want {
				t.Errorf("got  %s\nwant %s", &stderr, test.want)
			}
		})
	}
}
