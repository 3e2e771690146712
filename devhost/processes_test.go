package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
)

// children are the processes that a process has started and that run program.
func children(t *testing.T, parent int, program string) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	testkit.Must(t, err)
	var found []int
	for _, stat := range stats {
		text, _ := os.ReadFile(stat)
		exe, _ := os.Readlink(filepath.Join(filepath.Dir(stat), "exe"))
		var pid, ppid int
		var state string
		_, rest, _ := strings.Cut(string(text), ") ")
		_, _ = fmt.Sscan(string(text), &pid)
		if n, _ := fmt.Sscan(rest, &state, &ppid); n == 2 && ppid == parent && state != "Z" && exe == program {
			found = append(found, pid)
		}
	}
	return found
}

func linux(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		testkit.Skip(t, "there is no /proc to find processes in")
	}
}

func oneChild(t *testing.T, parent int, program string) (pid int) {
	t.Helper()
	testkit.WaitUntil(t, program+" runs", func() bool {
		found := children(t, parent, program)
		if len(found) == 1 {
			pid = found[0]
		}
		return len(found) == 1
	})
	return pid
}

// orphans returns the processes of a program whose environment contains the data
// folder of this test.
func orphans(t *testing.T, program, data string) []int {
	t.Helper()
	environs, err := filepath.Glob("/proc/[0-9]*/environ")
	testkit.Must(t, err)
	var found []int
	for _, file := range environs {
		text, _ := os.ReadFile(file)
		exe, _ := os.Readlink(filepath.Join(filepath.Dir(file), "exe"))
		if exe == program && bytes.Contains(text, []byte("DEVHOST_TEST_DATA="+data+"\x00")) {
			var pid int
			_, _ = fmt.Sscanf(file, "/proc/%d/environ", &pid)
			found = append(found, pid)
		}
	}
	return found
}
