package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"whatsapp-functions/devhost/testcase"
	"whatsapp-functions/devhost/transcript"
)

// No test case is made of events whose outputs went to an account in Azure.
func TestReplayOfRealEvents(t *testing.T) {
	folder := appFolder(t, nil)
	transcripts, err := transcript.Open(filepath.Join(folder, ".devhost/invocations"))
	if err != nil {
		t.Fatal(err)
	}
	must(t, transcripts.Save(transcript.Transcript{ID: "aaaaaaaa-1", Function: "AdvancedMessageTrigger", Events: []byte("[]")}))
	var stderr bytes.Buffer
	code := run(t.Context(), []string{"devhost", "replay", "--app", folder, "--update", "aaaaaaaa"}, environ(), io.Discard, &stderr)
	want := "devhost: the outputs of aaaaaaaa went to an account that is not on this machine: its events are those of real people, and no test case is made of them\n"
	if code != 1 || stderr.String() != want {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
	if _, err := os.Stat(filepath.Join(folder, "testdata")); err == nil {
		t.Error("there is a test case")
	}
}

// Every test case has the outputs that it states.
func TestCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(repository, testcase.Folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	runner, err := testcase.Start(t.Context(), appFolder(t, nil), environ(), newLog(new(output)))
	if err != nil {
		t.Fatal(err)
	}
	defer runner.Stop()
	for _, file := range files {
		c, err := testcase.Read(file)
		if err != nil {
			t.Error(err)
			continue
		}
		now, err := runner.Run(t.Context(), c.Function, c.Events)
		if err != nil {
			t.Errorf("%s: %s", file, err)
		}
		for _, difference := range c.Diff(now) {
			t.Errorf("%s: %s", file, difference)
		}
	}
}
