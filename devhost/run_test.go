package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"devhost", "--help"}, {"devhost", "run", "--help"}, {"devhost", "demo", "--help"}} {
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

// What `devhost run` prints is enough to try it: the curl works as it stands.
func TestRunAndItsCurl(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	shown := new(output)
	var stderr bytes.Buffer
	code := make(chan int, 1)
	folder := appFolder(t, nil)
	go func() {
		code <- run(ctx, []string{"devhost", "run", "--app", folder, "--address", "127.0.0.1:0"}, environ(), shown, &stderr)
	}()
	waitFor(t, shown, "curl")
	waitFor(t, shown, "'\n\n")
	for _, want := range []string{
		"devhost runs " + folder + " at http://127.0.0.1:", "  AdvancedMessageTrigger\n", "inboundMessages  → queue inbound-messages\n",
		"messages         → table Messages\n", "rejectedEvents   → blob rejected-events/StatusTrigger/{DateTime:yyyy-MM-dd}/{rand-guid}.json\n",
	} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("%q is not shown:\n%s", want, shown)
		}
	}
	parts := regexp.MustCompile(`curl -i '([^']+)' -H '([^:]+): ([^']+)' -d '([^']+)'`).FindStringSubmatch(shown.String())
	if parts == nil {
		t.Fatalf("no curl:\n%s", shown)
	}
	request, err := http.NewRequest(http.MethodPost, parts[1], strings.NewReader(parts[4]))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(parts[2], parts[3])
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != http.StatusAccepted {
		t.Fatal(response, err)
	}
	waitFor(t, shown, "queue inbound-messages +1, table Messages +1")
	messages, err := filepath.Glob(filepath.Join(folder, ".devhost/storage/queues/inbound-messages/*.json"))
	if err != nil || len(messages) != 1 {
		t.Errorf("%d messages on disk; %v", len(messages), err)
	}
	stop()
	if code := <-code; code != 0 || stderr.Len() > 0 {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
}
