// Command fuzz runs every fuzzer of the module for some time. go test keeps an
// input that fails in testdata/fuzz, and every later run of the tests tries it.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run parses the flags and runs the fuzzers. It returns the exit code: 2 for a
// usage error.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := pflag.NewFlagSet("fuzz", pflag.ContinueOnError)
	flags.SetOutput(stdout)
	duration := flags.Duration("time", 20*time.Second, "how long each fuzzer runs")
	together := flags.Int("together", 2, "how many fuzzers run at the same time")
	only := flags.String("only", "", "run only the fuzzers whose names match this `regexp`")
	err := flags.Parse(args)
	if err == pflag.ErrHelp {
		return 0
	}
	if err == nil && (flags.NArg() > 0 || *together < 1) {
		err = errors.New("pass flags only, and --together 1 or more")
	}
	names, compileErr := regexp.Compile(*only)
	if err := errors.Join(err, compileErr); err != nil {
		fmt.Fprintln(stderr, "fuzz:", err)
		return 2
	}
	if err := fuzz(ctx, names, *duration, *together, stdout); err != nil {
		fmt.Fprintln(stderr, "fuzz:", err)
		return 1
	}
	return 0
}

// fuzz runs the fuzzers with matching names and prints a line for each.
func fuzz(ctx context.Context, names *regexp.Regexp, duration time.Duration, together int, stdout io.Writer) error {
	all, err := find(ctx)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var errs []error
	slots := make(chan struct{}, together)
	var fuzzing sync.WaitGroup
	for _, f := range all {
		if !names.MatchString(f.name) {
			continue
		}
		slots <- struct{}{}
		fuzzing.Go(func() {
			defer func() { <-slots }()
			inputs, coverage, err := f.run(ctx, duration)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
				return
			}
			fmt.Fprintf(stdout, "%s %s: %s inputs in %s, new coverage from %s\n", f.pkg, f.name, inputs, duration, coverage)
		})
	}
	fuzzing.Wait()
	return errors.Join(errs...)
}

// fuzzer is a fuzz test of a package.
type fuzzer struct{ pkg, name string }

// find lists the module's fuzzers.
func find(ctx context.Context) (all []fuzzer, err error) {
	text, err := exec.CommandContext(ctx, "git", "grep", "--untracked", "-E", `^func Fuzz\w+\(`, "--", "*_test.go").Output()
	if err != nil {
		return nil, fmt.Errorf("git grep: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if match := declaration.FindStringSubmatch(line); match != nil {
			all = append(all, fuzzer{"./" + match[1], match[2]})
		}
	}
	return all, nil
}

// declaration matches a line of git grep.
var declaration = regexp.MustCompile(`^(.*)/[^/]+_test\.go:func (Fuzz\w+)\(`)

// progress matches go test's progress lines.
var progress = regexp.MustCompile(`fuzz: elapsed: \S+, execs: (\d+) .*new interesting: (\d+)`)

// run runs one fuzzer, and returns how many inputs it tried and how many of them
// reached new code.
func (f fuzzer) run(ctx context.Context, duration time.Duration) (inputs, coverage string, err error) {
	// Shrinking every input that reaches new code would take most of the time.
	command := exec.CommandContext(ctx, "go", "test", "-run=^$", "-fuzz=^"+f.name+"$", "-fuzztime="+duration.String(), "-fuzzminimizetime=10x", "-parallel=1", f.pkg)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if err := command.Run(); err != nil {
		return "", "", fmt.Errorf("%s %s: %w\n%s", f.pkg, f.name, err, &output)
	}
	for lines := bufio.NewScanner(&output); lines.Scan(); {
		if match := progress.FindStringSubmatch(lines.Text()); match != nil {
			inputs, coverage = match[1], match[2]
		}
	}
	return inputs, coverage, nil
}
