// Command mutate sees whether the tests would notice if a promise were broken:
// it applies each of the patches in testdata/mutants to a copy of the
// repository and demands that a test fails.
//
// A patch starts with lines of its own:
//
//	# promise: what it breaks, a sentence
//	# test: arguments of go test, such as ./handler -run TestGolden
//
// There may be several tests; they run in their order until one fails.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json/v2"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"whatsapp-functions/prove"
)

func main() {
	only := flag.String("only", ".", "try the mutants whose names this regular expression matches")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, regexp.MustCompile(*only)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// mutant is a patch.
type mutant struct {
	name, promise string
	tests         []string
	file          string
}

func run(ctx context.Context, only *regexp.Regexp) error {
	mutants, err := read(only)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if err := copyRepository(scratch); err != nil {
		return err
	}
	if err := checkIntact(ctx, scratch, mutants); err != nil {
		return err
	}
	table := prove.Table{Columns: []string{"mutant", "promise that it breaks", "killed by"}}
	var survivors []error
	for _, m := range mutants {
		started := time.Now()
		killer, err := m.try(ctx, scratch)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			survivors = append(survivors, err)
			fmt.Println(err)
			continue
		}
		fmt.Printf("%-40s killed by %s (%s)\n", m.name, killer, time.Since(started).Round(time.Second))
		table.Rows = append(table.Rows, []string{"`" + m.name + "`", m.promise, "`" + killer + "`"})
	}
	if len(survivors) > 0 {
		return fmt.Errorf("%d of %d mutants live", len(survivors), len(mutants))
	}
	fmt.Printf("all %d mutants are killed\n", len(mutants))
	return table.Keep("mutants")
}

// read reads the patches.
func read(only *regexp.Regexp) (mutants []mutant, err error) {
	files, err := filepath.Glob("testdata/mutants/*.patch")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		m := mutant{name: strings.TrimSuffix(filepath.Base(file), ".patch")}
		if m.file, err = filepath.Abs(file); err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			if promise, ok := strings.CutPrefix(line, "# promise: "); ok {
				m.promise = strings.TrimSpace(promise)
			}
			if test, ok := strings.CutPrefix(line, "# test: "); ok {
				m.tests = append(m.tests, strings.TrimSpace(test))
			}
		}
		if m.promise == "" || len(m.tests) == 0 {
			return nil, fmt.Errorf("%s: it lacks # promise: or # test: in its first lines", file)
		}
		if only.MatchString(m.name) {
			mutants = append(mutants, m)
		}
	}
	if len(mutants) == 0 {
		return nil, errors.New("there is no such mutant")
	}
	return mutants, nil
}

// copyRepository copies all files that git knows, or would.
func copyRepository(to string) error {
	list, err := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z").Output()
	if err != nil {
		return fmt.Errorf("git ls-files: %w", err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(list), "\x00"), "\x00") {
		content, err := os.ReadFile(name)
		if errors.Is(err, os.ErrNotExist) {
			continue // removed, but not yet for git
		}
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), content, 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkIntact checks that the tests pass as long as nothing is broken: one that
// fails anyway would kill every mutant.
func checkIntact(ctx context.Context, scratch string, mutants []mutant) error {
	var tests []string
	for _, m := range mutants {
		tests = append(tests, m.tests...)
	}
	slices.Sort(tests)
	for _, test := range slices.Compact(tests) {
		killer, err := firstFailure(ctx, scratch, test)
		if err != nil {
			return err
		}
		if killer != "" {
			return fmt.Errorf("without any mutant go test %s fails: %s", test, killer)
		}
	}
	return nil
}

// try applies the mutant, and returns the name of the test that fails.
func (m mutant) try(ctx context.Context, scratch string) (killer string, err error) {
	if err := m.apply(scratch); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, m.apply(scratch, "-R")) }()
	build := exec.Command("go", "vet", "./handler/...", "./devhost/...")
	build.Dir = scratch
	if text, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: it must be Go: %w\n%s", m.name, err, text)
	}
	for _, test := range m.tests {
		if killer, err = firstFailure(ctx, scratch, test); err != nil || killer != "" {
			return killer, err
		}
	}
	return "", fmt.Errorf("%s LIVES: no test notices that this is broken: %s", m.name, m.promise)
}

func (m mutant) apply(scratch string, options ...string) error {
	command := exec.Command("git", append(append([]string{"apply"}, options...), m.file)...)
	command.Dir = scratch
	if text, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: the code has changed; write the patch anew: %w\n%s", m.name, err, text)
	}
	return nil
}

// testLimit is how long a test may take to notice.
const testLimit = 3 * time.Minute

// firstFailure runs tests until one fails, and returns its name.
func firstFailure(ctx context.Context, scratch, test string) (killer string, err error) {
	ctx, cancel := context.WithTimeout(ctx, testLimit)
	defer cancel()
	command := exec.CommandContext(ctx, "go", append([]string{"test", "-json", "-failfast", "-count=1"}, strings.Fields(test)...)...)
	command.Dir = scratch
	// Azurite is not in the copy, and here that is no failure.
	command.Env = append(os.Environ(), "CI=", "PROVE_FIGURES=")
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 10 * time.Second
	var said bytes.Buffer
	command.Stderr = &said
	stdout, err := command.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := command.Start(); err != nil {
		return "", err
	}
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var event struct{ Action, Package, Test string }
		if json.Unmarshal(lines.Bytes(), &event, json.MatchCaseInsensitiveNames(true)) != nil {
			continue
		}
		// A failure of a part comes ahead of that of the whole.
		if event.Action == "fail" && event.Test != "" && killer == "" {
			killer = strings.TrimPrefix(event.Package, "whatsapp-functions/") + "." + event.Test
			cancel()
		}
	}
	if err := command.Wait(); err != nil && killer == "" {
		return "", fmt.Errorf("go test %s: %w\n%s", test, err, &said)
	}
	return killer, nil
}
