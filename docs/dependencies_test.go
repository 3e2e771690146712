package docs

import (
	"cmp"
	"encoding/json/v2"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/dependencies.md")

// TestDependencies checks that docs/dependencies.md lists every Go module of the
// programs and tests and every npm package that is asked for, and that the
// modules' licences only require attribution.
func TestDependencies(t *testing.T) {
	var page strings.Builder
	page.WriteString(`# Dependencies

A test checks these lists and the licences of the Go modules. After a change, write them with
` + "`go test ./docs -run TestDependencies -update`" + `.

## Go modules

All modules that are part of the programs or of their tests, on Linux:

| module | version | licence | part of |
|---|---|---|---|
`)
	all := modules(t, "-test", "./...")
	parts := map[string]string{}
	for _, program := range []struct{ packages, part string }{
		{"./person", "person"}, {"./devhost", "devhost"}, {"./media/...", "media, which ships"}, {"./handler", "handler, which ships"},
	} {
		for path := range modules(t, program.packages) {
			parts[path] = program.part
		}
	}
	for _, path := range slices.Sorted(maps.Keys(all)) {
		part := cmp.Or(parts[path], "tests")
		fmt.Fprintf(&page, "| %s | %s | %s | %s |\n", path, all[path].version, licence(t, all[path].folder), part)
	}
	page.WriteString(`
## npm packages

They do not ship. The lock files pin what these depend on:

| package | version | licence | for |
|---|---|---|---|
`)
	for _, folder := range []string{"examples/node", "tools/azurite", "tools/bicep", "tools/kusto", "tools/page", "tools/schema"} {
		page.WriteString(npmPackages(t, folder))
	}
	file := filepath.Join(repository, "docs/dependencies.md")
	if *update {
		if err := os.WriteFile(file, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := gocmp.Diff(read(t, file), page.String()); diff != "" {
		t.Errorf("docs/dependencies.md (-) is not up to date (+); -update writes it:\n%s", diff)
	}
}

// module is a Go module: its version, and the folder of its files.
type module struct{ version, folder string }

// modules returns the modules that packages are built from, by path.
func modules(t *testing.T, packages ...string) map[string]module {
	t.Helper()
	list := exec.Command("go", append([]string{"list", "-deps", "-f",
		"{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}"}, packages...)...)
	list.Dir = repository
	list.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64")
	text, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]module{}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 {
			found[fields[0]] = module{fields[1], fields[2]}
		}
	}
	return found
}

// licences are those that a module may have, each with a sentence of its text.
var licences = []struct{ name, sentence string }{
	{"Apache-2.0", "Apache License Version 2.0"},
	{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy of this software"},
	{"BSD-3-Clause", "Neither the name of"},
	{"BSD-2-Clause", "Redistribution and use in source and binary forms, with or without modification"},
}

// licence returns the licence of the module in a folder. One that is not allowed
// fails the test.
func licence(t *testing.T, folder string) string {
	t.Helper()
	for _, pattern := range []string{"LICENSE*", "LICENCE*", "COPYING*"} {
		files, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text := strings.Join(strings.Fields(read(t, file)), " ")
			for _, l := range licences {
				if strings.Contains(text, l.sentence) {
					return l.name
				}
			}
		}
	}
	t.Errorf("%s: no licence file, or a licence that is not allowed", folder)
	return "unknown"
}

// npmPackages returns the rows of the packages that a folder's package.json
// asks for.
func npmPackages(t *testing.T, folder string) string {
	t.Helper()
	var asked struct {
		Dependencies map[string]string `json:"dependencies"`
	}
	var lock struct {
		Packages map[string]struct {
			License string `json:"license"`
		} `json:"packages"`
	}
	for name, into := range map[string]any{"package.json": &asked, "package-lock.json": &lock} {
		if err := json.Unmarshal([]byte(read(t, filepath.Join(repository, folder, name))), into); err != nil {
			t.Fatal(err)
		}
	}
	var rows strings.Builder
	for _, name := range slices.Sorted(maps.Keys(asked.Dependencies)) {
		fmt.Fprintf(&rows, "| %s | %s | %s | `%s` |\n", name, asked.Dependencies[name], lock.Packages["node_modules/"+name].License, folder)
	}
	return rows.String()
}
