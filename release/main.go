// Command release writes the zip that is deployed to Azure: the app's settings,
// its functions' bindings and the handler, built for Azure's machines.
//
// Equal sources give an equal zip, to the byte, on whatever machine and in
// whatever folder it is written, as long as the Go version is the same.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "release:", err)
		}
		os.Exit(1)
	}
}

// run is the program.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.SetOutput(stderr)
	folder := flags.String("app", ".", "the app's `folder`, with host.json in it")
	out := flags.String("o", "", "the `file` to write (default dist/whatsapp-functions-<os>-<arch>.zip in the app's folder)")
	system := flags.String("os", "linux", "the operating `system` to build for, as Go calls it")
	arch := flags.String("arch", "amd64", "the `architecture` to build for, as Go calls it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag: release takes nothing else", flags.Arg(0))
	}
	if *out == "" {
		*out = filepath.Join(*folder, "dist", fmt.Sprintf("whatsapp-functions-%s-%s.zip", *system, *arch))
	}
	entries, err := appEntries(*folder)
	if err != nil {
		return err
	}
	handler, err := build(ctx, target{*folder, *system, *arch})
	if err != nil {
		return err
	}
	entries = append(entries, entry{name: handlerName, content: handler, executable: true})
	var archive bytes.Buffer
	if err := writeZip(&archive, entries); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(*out), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(*out, archive.Bytes(), 0o644); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %.1f MiB, the handler in it %.1f MiB\n", *out, mebibytes(archive.Len()), mebibytes(len(handler)))
	return nil
}

func mebibytes(n int) float64 {
	return float64(n) / (1 << 20)
}
