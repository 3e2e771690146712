// Command bench measures the handler as it ships against a server that does
// nothing: requests per second, processor time per event, memory, sizes and
// cold start. Absolute figures depend on the machine; the ratios count.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run parses the flags and measures. It returns the exit code: 2 for a usage
// error.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := pflag.NewFlagSet("bench", pflag.ContinueOnError)
	flags.SetOutput(stdout)
	flags.SortFlags = false
	out := flags.String("out", "bench/results.md", "the `file` to write the figures to")
	during := flags.Duration("during", 2*time.Second, "the `duration` of one measurement")
	mediaOnly := flags.Bool("media", false, "measure the media app only, and print the figures")
	switch err := flags.Parse(args); {
	case err == pflag.ErrHelp:
		return 0
	case err == nil && flags.NArg() > 0:
		fmt.Fprintf(stderr, "bench: unexpected argument %q\n", flags.Arg(0))
		return 2
	case err != nil:
		fmt.Fprintln(stderr, "bench:", err)
		return 2
	}
	report, err := measure(ctx, *during, *mediaOnly, stdout)
	if err == nil && !*mediaOnly {
		err = os.WriteFile(*out, report, 0o644)
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

// measure measures everything and returns the report. It runs in the
// repository's folder, the media app only if that is wanted.
func measure(ctx context.Context, during time.Duration, mediaOnly bool, stdout io.Writer) ([]byte, error) {
	scratch, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	b := bench{scratch: scratch, during: during, log: func(format string, args ...any) { fmt.Fprintf(stdout, format+"\n", args...) }}
	if b.programs, err = build(ctx, scratch); err != nil {
		return nil, err
	}
	media, err := b.media(ctx)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if mediaOnly {
		writeMedia(&text, media)
		fmt.Fprint(stdout, &text)
		return text.Bytes(), nil
	}
	all, err := cases()
	if err != nil {
		return nil, err
	}
	r := report{at: time.Now(), during: during}
	for _, c := range all {
		s, err := b.speed(ctx, c)
		if err != nil {
			return nil, err
		}
		r.speeds = append(r.speeds, s)
	}
	if r.footprint, err = b.footprint(ctx, all); err != nil {
		return nil, err
	}
	if r.growth, err = b.growth(ctx); err != nil {
		return nil, err
	}
	r.write(&text)
	writeMedia(&text, media)
	fmt.Fprintf(stdout, "\n%s", &text)
	return text.Bytes(), nil
}
