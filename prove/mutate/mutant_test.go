package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/prove"
)

const valid = "promise: p\nfile: a.txt\n<<<<\ntwo\n====\n2\n>>>>\n"

func TestParse(t *testing.T) {
	m, err := parse("promise: a promise\ntest: ./a -run A\ntest: ./b\n\nfile: a.go\n<<<<\nold\n\n====\n>>>>\nfile: b.go\n<<<<\nx\n====\ny\nz\n>>>>\n")
	if err != nil {
		t.Fatal(err)
	}
	if m.promise != "a promise" || len(m.tests) != 2 || len(m.changes) != 2 || m.changes[0] != (change{"a.go", "old\n\n", ""}) || m.changes[1] != (change{"b.go", "x\n", "y\nz\n"}) {
		t.Errorf("%+v", m)
	}
	for name, text := range map[string]string{
		"no promise":      strings.Replace(valid, "promise: p\n", "", 1),
		"no change":       "promise: p\n",
		"no file":         strings.Replace(valid, "file: a.txt\n", "", 1),
		"no end":          strings.Replace(valid, ">>>>\n", "", 1),
		"nothing to find": strings.Replace(valid, "two\n", "", 1),
		"another line":    valid + "note\n",
	} {
		if _, err := parse(text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestApply(t *testing.T) {
	m, err := parse(valid)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"one\ntwo\nthree\n": "one\n2\nthree\n", "one\n": "0 times", "two\ntwo\n": "2 times"} {
		file := filepath.Join(t.TempDir(), "a.txt")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		restore, err := m.apply(filepath.Dir(file))
		got, _ := os.ReadFile(file)
		if err != nil {
			if !strings.Contains(err.Error(), want) || string(got) != text {
				t.Errorf("%q: %v", text, err)
			}
			continue
		}
		if string(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if err := restore(); err != nil {
			t.Error(err)
		}
		if got, _ := os.ReadFile(file); string(got) != text {
			t.Errorf("restored: %q, want %q", got, text)
		}
	}
}

// TestMutantsApply checks that every mutant still matches the code.
func TestMutantsApply(t *testing.T) {
	testkit.Long(t, "copies the repository")
	root := testkit.Root(t)
	mutants, err := readAll(filepath.Join(root, "testdata/mutants"))
	if err != nil || len(mutants) < 40 {
		t.Fatal(len(mutants), err)
	}
	scratch := t.TempDir()
	if err := prove.CopyRepository(root, scratch); err != nil {
		t.Fatal(err)
	}
	for _, m := range mutants {
		restore, err := m.apply(scratch)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := restore(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUsage(t *testing.T) {
	for arguments, want := range map[string]int{"--only (": 2, "--bad": 2, "argument": 2, "-h": 0} {
		if got := run(t.Context(), strings.Fields(arguments), t.Output(), t.Output()); got != want {
			t.Errorf("mutate %s: exit code %d, want %d", arguments, got, want)
		}
	}
}
