// Command mutate checks that a test fails if a promise is broken: it makes each
// change of testdata/mutants in a copy of the repository and runs the tests.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"whatsapp-functions/prove"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run parses the flags and tries the mutants. It returns the exit code: 2 for a
// usage error.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := pflag.NewFlagSet("mutate", pflag.ContinueOnError)
	flags.SetOutput(stdout)
	only := flags.String("only", "", "try only the mutants whose names match this `regexp`")
	err := flags.Parse(args)
	if err == pflag.ErrHelp {
		return 0
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	names, compileErr := regexp.Compile(*only)
	if err := errors.Join(err, compileErr); err != nil {
		fmt.Fprintln(stderr, "mutate:", err)
		return 2
	}
	if err := mutate(ctx, names, stdout); err != nil {
		fmt.Fprintln(stderr, "mutate:", err)
		return 1
	}
	return 0
}

// mutate tries the mutants with matching names in a copy of the repository.
func mutate(ctx context.Context, names *regexp.Regexp, stdout io.Writer) error {
	mutants, err := readAll("testdata/mutants")
	if err != nil {
		return err
	}
	mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return !names.MatchString(m.name) })
	if len(mutants) == 0 {
		return fmt.Errorf("no mutant matches %q", names)
	}
	scratch, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if err := prove.CopyRepository(".", scratch); err != nil {
		return err
	}
	if err := checkIntact(ctx, scratch, mutants); err != nil {
		return err
	}
	survivors := 0
	for _, m := range mutants {
		started := time.Now()
		killer, err := m.try(ctx, scratch)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			survivors++
			fmt.Fprintln(stdout, err)
			continue
		}
		fmt.Fprintf(stdout, "%-40s killed by %s (%s)\n", m.name, killer, time.Since(started).Round(time.Second))
	}
	if survivors > 0 {
		return fmt.Errorf("%d of %d mutants survive or do not apply", survivors, len(mutants))
	}
	fmt.Fprintf(stdout, "all %d mutants are killed\n", len(mutants))
	return nil
}

// checkIntact checks that the tests pass without a mutant: a test that always
// fails would kill every mutant.
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
			return fmt.Errorf("go test %s fails without a mutant: %s", test, killer)
		}
	}
	return nil
}

// try applies the mutant, runs its tests, and returns the name of the test that
// fails.
func (m mutant) try(ctx context.Context, scratch string) (killer string, err error) {
	restore, err := m.apply(scratch)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, restore()) }()
	vet := exec.CommandContext(ctx, "go", "vet", "./handler/...", "./devhost/...")
	vet.Dir = scratch
	if text, err := vet.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: the changed code does not compile: %w\n%s", m.name, err, text)
	}
	for _, test := range m.tests {
		if killer, err = firstFailure(ctx, scratch, test); err != nil || killer != "" {
			return killer, err
		}
	}
	return "", fmt.Errorf("%s SURVIVES: no test fails although this is broken: %s", m.name, m.promise)
}
