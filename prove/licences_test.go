package prove_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the list of dependencies anew")

// dependencies is the list for people.
const dependencies = "docs/dependencies.md"

// licences are those that a dependency may have, each by a sentence of its own.
var licences = []struct{ name, sentence string }{
	{"Apache-2.0", "Apache License Version 2.0"},
	{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy of this software"},
	{"BSD-3-Clause", "Neither the name of"},
	{"BSD-2-Clause", "Redistribution and use in source and binary forms, with or without modification"},
}

// licence tells a module's licence by the file that it comes with.
func licence(t *testing.T, folder string) string {
	t.Helper()
	for _, pattern := range []string{"LICENSE*", "LICENCE*", "COPYING*"} {
		files, err := filepath.Glob(filepath.Join(folder, pattern))
		must(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			must(t, err)
			words := strings.Join(strings.Fields(string(text)), " ")
			for _, l := range licences {
				if strings.Contains(words, l.sentence) {
					return l.name
				}
			}
			return "none that is allowed, see " + file
		}
	}
	return "no licence file in " + folder
}

// modules lists what is needed for packages, by path: version and folder.
func modules(t *testing.T, args ...string) map[string][2]string {
	t.Helper()
	args = append([]string{"list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}"}, args...)
	command := exec.Command("go", args...)
	command.Dir = repository
	command.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64")
	text, err := command.Output()
	must(t, err)
	all := map[string][2]string{}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 {
			all[fields[0]] = [2]string{fields[1], fields[2]}
		}
	}
	return all
}

// Every module that is part of the programs or their tests has a licence that
// asks for no more than to be named, and is on the list.
func TestLicences(t *testing.T) {
	ships, devhost := modules(t, "./handler"), modules(t, "./devhost")
	var list strings.Builder
	list.WriteString("# Dependencies\n\nAll modules that are built into the two programs, or into their tests, for Linux.\n" +
		"A test keeps this list and checks the licences: `go test ./prove -run TestLicences -update` writes it anew.\n\n" +
		"| module | version | licence | in |\n|---|---|---|---|\n")
	all := modules(t, "-test", "./...")
	for _, path := range slices.Sorted(maps.Keys(all)) {
		name := licence(t, all[path][1])
		if !slices.ContainsFunc(licences, func(l struct{ name, sentence string }) bool { return l.name == name }) {
			t.Errorf("%s: %s", path, name)
		}
		in := "tests"
		if _, ok := devhost[path]; ok {
			in = "devhost"
		}
		if _, ok := ships[path]; ok {
			in = "handler, which ships"
		}
		fmt.Fprintf(&list, "| %s | %s | %s | %s |\n", path, all[path][0], name, in)
	}
	file := filepath.Join(repository, dependencies)
	if *update {
		must(t, os.WriteFile(file, []byte(list.String()), 0o644))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if diff := cmp.Diff(string(want), list.String()); diff != "" {
		t.Errorf("%s is not what is built: -update writes it anew\n%s", dependencies, diff)
	}
}
