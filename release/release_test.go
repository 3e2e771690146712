package main

import (
	"archive/zip"
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const repository = ".."

// What a cold start may have to fetch and load. Both are well above what is
// there, and well below what a forgotten dependency would make of it.
const (
	mostZip    = 4_500 << 10
	mostBinary = 9 << 20
)

// release writes a zip and returns it.
func release(t *testing.T, args ...string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "dist", "app.zip")
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), append([]string{"-o", file}, args...), &stdout, &stderr); err != nil {
		t.Fatal(err, &stderr)
	}
	if !strings.HasPrefix(stdout.String(), file+": ") {
		t.Errorf("it says %q", &stdout)
	}
	archive, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

func open(t *testing.T, archive []byte) *zip.Reader {
	t.Helper()
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	return reader
}

func content(t *testing.T, archive []byte, name string) []byte {
	t.Helper()
	file, err := open(t, archive).Open(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A file's mode is not that of the file on disk, which on Windows has none.
func TestWhatIsInTheZip(t *testing.T) {
	archive := release(t, "-app", repository)
	got := map[string]string{}
	for _, file := range open(t, archive).File {
		got[file.Name] = file.Mode().String()
		if len(file.Extra) > 0 || file.Modified.Year() != 1980 {
			t.Errorf("%s: date %s, %d bytes of extra fields", file.Name, file.Modified, len(file.Extra))
		}
	}
	want := map[string]string{
		"AdvancedMessageTrigger/function.json": "-rw-r--r--",
		"StatusTrigger/function.json":          "-rw-r--r--",
		"bin/handler":                          "-rwxr-xr-x",
		"host.json":                            "-rw-r--r--",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the zip is not (-) what it should be: %s", diff)
	}
	if n := len(archive); n > mostZip {
		t.Errorf("the zip has %d bytes: it may have %d", n, mostZip)
	}
	if n := len(content(t, archive, handlerName)); n > mostBinary {
		t.Errorf("the handler has %d bytes: it may have %d", n, mostBinary)
	}
}

func TestTheHandlerIsBuiltForAzure(t *testing.T) {
	for arch, machine := range map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64} {
		t.Run(arch, func(t *testing.T) {
			t.Setenv("CGO_ENABLED", "1")
			t.Setenv("GOFLAGS", "-buildvcs=false -race")
			handler := content(t, release(t, "-app", repository, "-arch", arch), handlerName)
			file, err := elf.NewFile(bytes.NewReader(handler))
			if err != nil {
				t.Fatal(err)
			}
			if file.Machine != machine {
				t.Errorf("it is built for %s", file.Machine)
			}
			if libraries, err := file.ImportedLibraries(); err == nil && len(libraries) > 0 {
				t.Errorf("it needs %s", libraries)
			}
			for _, section := range []string{".interp", ".symtab", ".debug_info", ".zdebug_info"} {
				if file.Section(section) != nil {
					t.Errorf("it has the section %s", section)
				}
			}
			info, err := buildinfo.Read(bytes.NewReader(handler))
			if err != nil {
				t.Fatal(err)
			}
			settings := map[string]string{}
			for _, s := range info.Settings {
				settings[s.Key] = s.Value
			}
			if _, err := os.Stat(filepath.Join(repository, ".git")); err == nil && settings["vcs.revision"] == "" {
				t.Error("it does not know its commit")
			}
			if settings["-trimpath"] != "true" || settings["CGO_ENABLED"] != "0" {
				t.Errorf("it is built with %v", settings)
			}
		})
	}
}

// sources copies what the zip is made of to a folder of its own.
func sources(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range []string{"handler", "AdvancedMessageTrigger", "StatusTrigger"} {
		if err := os.CopyFS(filepath.Join(root, name), os.DirFS(filepath.Join(repository, name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum", "host.json"} {
		text, err := os.ReadFile(filepath.Join(repository, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestEqualSourcesGiveAnEqualZip(t *testing.T) {
	first, second := release(t, "-app", sources(t)), release(t, "-app", sources(t))
	if !bytes.Equal(first, second) {
		for _, file := range open(t, first).File {
			if !bytes.Equal(content(t, first, file.Name), content(t, second, file.Name)) {
				t.Errorf("%s is not the same in both", file.Name)
			}
		}
		t.Error("the same sources in two folders gave two zips")
	}
}

// goEnv makes a file such as go env -w writes, for the rest of the test. What the
// test's own process has set would go before it.
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

func TestWhatTheMachineIsSetToGivesAnEqualZip(t *testing.T) {
	folder := sources(t)
	want := release(t, "-app", folder)
	for name, set := range map[string]func(*testing.T){
		"by go env -w, flags":         func(t *testing.T) { goEnv(t, "GOFLAGS=-tags=netgo\n") },
		"by go env -w, FIPS 140":      func(t *testing.T) { goEnv(t, "GOFIPS140=latest\n") },
		"by go env -w, an experiment": func(t *testing.T) { goEnv(t, "GOEXPERIMENT=nodwarf5\n") },
		"by the shell, FIPS 140":      func(t *testing.T) { t.Setenv("GOFIPS140", "latest") },
	} {
		t.Run(name, func(t *testing.T) {
			set(t)
			got := release(t, "-app", folder)
			if bytes.Equal(want, got) {
				return
			}
			info, err := buildinfo.Read(bytes.NewReader(content(t, got, handlerName)))
			if err != nil {
				t.Fatal(err)
			}
			t.Errorf("the zip is not the same, for it is built with %v", info.Settings)
		})
	}
}

// Where modules come from is the machine's to say: it may reach no other place.
func TestModulesComeFromWhereTheMachineSays(t *testing.T) {
	goEnv(t, "GOPROXY=off\nGOMODCACHE="+t.TempDir()+"\n")
	err := run(t.Context(), []string{"-app", repository, "-o", filepath.Join(t.TempDir(), "app.zip")}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "GOPROXY=off") {
		t.Errorf("error %v", err)
	}
}

func TestWhatCannotBeReleased(t *testing.T) {
	broken := sources(t)
	if err := os.WriteFile(filepath.Join(broken, "handler", "main.go"), []byte("package main\n\nfunc main() { nothing() }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	headless := sources(t)
	if err := os.Remove(filepath.Join(headless, "host.json")); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"a folder that is no app's": {[]string{"-app", t.TempDir()}, "name the app's folder with -app"},
		"no host.json":              {[]string{"-app", headless}, "host.json"},
		"a handler that is broken":  {[]string{"-app", broken}, "undefined: nothing"},
		"an unknown machine":        {[]string{"-app", repository, "-arch", "abacus"}, "building the handler for linux/abacus"},
		"an argument":               {[]string{"now"}, `"now" is no flag`},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "app.zip")
			err := run(t.Context(), append([]string{"-o", file}, test.args...), io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if _, err := os.Stat(file); err == nil {
				t.Error("there is a zip")
			}
		})
	}
}
