package main

import (
	"path/filepath"
	"testing"

	"whatsapp-functions/devhost/testcase"
)

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
