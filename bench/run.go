package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
)

// measuring is how long one measurement takes.
const measuring = 2 * time.Second

// options are the flags.
type options struct {
	out  string
	soak time.Duration
}

// run is the program. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	command := &cobra.Command{
		Use:           "bench",
		Short:         "Measure the handler against a server that does nothing",
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(command *cobra.Command, _ []string) error { return o.measure(command.Context(), stdout) },
	}
	command.Flags().StringVar(&o.out, "out", "bench/results.md", "the `file` to write figures to")
	command.Flags().DurationVar(&o.soak, "soak", 0, "how long to drive the handler at full load, besides; whole minutes")
	command.SetArgs(args[1:])
	command.SetOut(stdout)
	command.SetErr(stderr)
	if err := command.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

// measure measures everything and writes the report. It runs in the
// repository's folder, which is an app's.
func (o options) measure(ctx context.Context, stdout io.Writer) error {
	scratch, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	b := bench{scratch: scratch, during: measuring, say: func(format string, args ...any) { fmt.Fprintf(stdout, format+"\n", args...) }}
	if b.programs, err = build(ctx, scratch); err != nil {
		return err
	}
	all, err := cases()
	if err != nil {
		return err
	}
	r := report{at: time.Now()}
	for _, c := range all {
		s, err := b.speed(ctx, c)
		if err != nil {
			return err
		}
		r.speeds = append(r.speeds, s)
	}
	if r.footprint, err = b.footprint(ctx, all); err != nil {
		return err
	}
	if r.growth, err = b.growth(ctx, "Growth"); err != nil {
		return err
	}
	if r.calls, err = b.growth(ctx, "Part"); err != nil {
		return err
	}
	if o.soak > 0 {
		if r.soaked, err = b.soak(ctx, all, o.soak); err != nil {
			return err
		}
	}
	var text bytes.Buffer
	r.write(&text)
	fmt.Fprintf(stdout, "\n%s", &text)
	return os.WriteFile(o.out, text.Bytes(), 0o644)
}
