package main

import (
	"bytes"
	"debug/elf"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/internal/testkit"
)

// The limits of a cold start: comfortably above today's sizes, and far below
// what a forgotten dependency would add.
type limits struct {
	zip, program int
}

var (
	handlerLimits = limits{zip: 4_500 << 10, program: 9 << 20}
	mediaLimits   = limits{zip: 5 << 20, program: 11 << 20}
)

// The zip contains the files that Azure reads and nothing else, with modes for
// Linux, and a static handler. It is built here with flags of other builds set.
func TestZip(t *testing.T) {
	for arch, machine := range map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64} {
		t.Run(arch, func(t *testing.T) {
			if arch == "arm64" {
				testkit.Long(t, "compiles the standard library for another architecture")
			}
			t.Setenv("CGO_ENABLED", "1")
			t.Setenv("GOFLAGS", "-buildvcs=false -race")
			archive := release(t, "--app", repository, "--arch", arch)
			checkFiles(t, archive, repository, "bin/handler", handlerLimits)
			checkProgram(t, content(t, archive, "bin/handler"), machine, handlerLimits)
			archive = release(t, "--app", repository, "--arch", arch, "--media")
			checkFiles(t, archive, filepath.Join(repository, "media"), "bin/media", mediaLimits)
			checkProgram(t, content(t, archive, "bin/media"), machine, mediaLimits)
		})
	}
}

func checkFiles(t *testing.T, archive []byte, app, program string, most limits) {
	t.Helper()
	want := map[string]string{program: "-rwxr-xr-x", "host.json": "-rw-r--r--"}
	if text := content(t, archive, "host.json"); !bytes.Contains(text, []byte(`"defaultExecutablePath": "`+program+`"`)) {
		t.Errorf("host.json does not start %s", program)
	}
	functions, err := filepath.Glob(filepath.Join(app, "*", "function.json"))
	if err != nil || len(functions) == 0 {
		t.Fatal(functions, err)
	}
	for _, file := range functions {
		want[filepath.Base(filepath.Dir(file))+"/function.json"] = "-rw-r--r--"
	}
	got := map[string]string{}
	for _, file := range open(t, archive).File {
		got[file.Name] = file.Mode().String()
		if len(file.Extra) > 0 || file.Modified.Year() != 1980 {
			t.Errorf("%s: date %s, %d bytes of extra fields", file.Name, file.Modified, len(file.Extra))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files of the zip (-want +got): %s", diff)
	}
	if n := len(archive); n > most.zip {
		t.Errorf("the zip has %d bytes, more than %d", n, most.zip)
	}
}

func checkProgram(t *testing.T, handler []byte, machine elf.Machine, most limits) {
	t.Helper()
	if n := len(handler); n > most.program {
		t.Errorf("the handler has %d bytes, more than %d", n, most.program)
	}
	file, err := elf.NewFile(bytes.NewReader(handler))
	if err != nil {
		t.Fatal(err)
	}
	if file.Machine != machine {
		t.Errorf("the handler is built for %s", file.Machine)
	}
	if libraries, err := file.ImportedLibraries(); err == nil && len(libraries) > 0 {
		t.Errorf("the handler needs the libraries %s", libraries)
	}
	for _, section := range []string{".interp", ".symtab", ".debug_info", ".zdebug_info"} {
		if file.Section(section) != nil {
			t.Errorf("the handler has the section %s", section)
		}
	}
	settings := buildSettings(t, handler)
	if _, err := os.Stat(filepath.Join(repository, ".git")); err == nil && settings["vcs.revision"] == "" {
		t.Error("the handler does not contain its commit")
	}
	if settings["-trimpath"] != "true" || settings["CGO_ENABLED"] != "0" {
		t.Errorf("the handler is built with %v", settings)
	}
}

// goEnv makes a file such as go env -w writes, for the rest of the test. The
// environment of the test process would take precedence, so it is cleared.
func goEnv(t *testing.T, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOENV", file)
	for line := range strings.Lines(text) {
		name, _, _ := strings.Cut(line, "=")
		t.Setenv(name, "")
	}
}

// The folder and the settings of the build machine do not change the zip.
func TestTheSameSourcesGiveTheSameZip(t *testing.T) {
	testkit.Long(t, "builds the handler six times, and the media app twice")
	folder := sources(t)
	want := release(t, "--app", folder)
	media := release(t, "--app", folder, "--media")
	if !bytes.Equal(media, release(t, "--app", sources(t), "--media")) {
		t.Error("the zip of the media app depends on the folder")
	}
	for name, prepare := range map[string]func(t *testing.T) (folder string){
		"another folder":          func(t *testing.T) string { return sources(t) },
		"go env -w, flags":        func(t *testing.T) string { goEnv(t, "GOFLAGS=-tags=netgo\n"); return folder },
		"go env -w, FIPS 140":     func(t *testing.T) string { goEnv(t, "GOFIPS140=latest\n"); return folder },
		"go env -w, experiment":   func(t *testing.T) string { goEnv(t, "GOEXPERIMENT=nodwarf5\n"); return folder },
		"the shell sets FIPS 140": func(t *testing.T) string { t.Setenv("GOFIPS140", "latest"); return folder },
	} {
		t.Run(name, func(t *testing.T) {
			got := release(t, "--app", prepare(t))
			if !bytes.Equal(want, got) {
				t.Errorf("the zip differs; its handler is built with %v", buildSettings(t, content(t, got, "bin/handler")))
			}
		})
	}
}
