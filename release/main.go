// Command release writes a zip that is deployed to Azure: host.json, the functions'
// bindings and the handler of one app, built for Azure's machines.
//
// The same sources and Go version give the same zip, byte for byte, on every
// machine and in every folder.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are the flags.
type options struct {
	folder, out, system, arch string
	media                     bool
}

// app is one of the two function apps of the repository.
type app struct {
	// folder has host.json, and source the program, both below the repository.
	folder, source string
	// program is the path of the program in host.json, and so in the zip.
	program string
	// name is the start of the zip's default name.
	name string
}

func (o options) app() app {
	if o.media {
		return app{folder: "media", source: "./media", program: "bin/media", name: "whatsapp-media"}
	}
	return app{folder: ".", source: "./handler", program: "bin/handler", name: "whatsapp-functions"}
}

// run parses the flags and writes the zip. It returns the exit code: 2 for a
// usage error.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	flags := pflag.NewFlagSet("release", pflag.ContinueOnError)
	flags.SetOutput(stdout) // the help
	flags.SortFlags = false
	flags.StringVar(&o.folder, "app", ".", "the `folder` of the repository, which contains host.json")
	flags.BoolVar(&o.media, "media", false, "write the zip of the media app, in the folder media")
	flags.StringVar(&o.out, "out", "", "the `file` to write (default dist/whatsapp-functions-<os>-<arch>.zip in that folder, or whatsapp-media-...)")
	flags.StringVar(&o.system, "os", "linux", "the operating `system` to build for, as Go names it")
	flags.StringVar(&o.arch, "arch", "amd64", "the `architecture` to build for, as Go names it")
	switch err := flags.Parse(args); {
	case err == pflag.ErrHelp:
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "release: %v; see release --help\n", err)
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "release: unexpected argument %q; see release --help\n", flags.Arg(0))
		return 2
	}
	if err := o.write(ctx, stdout); err != nil {
		fmt.Fprintln(stderr, "release:", err)
		return 1
	}
	return 0
}

// write builds the handler and writes the zip.
func (o options) write(ctx context.Context, stdout io.Writer) error {
	app := o.app()
	if o.out == "" {
		o.out = filepath.Join(o.folder, "dist", fmt.Sprintf("%s-%s-%s.zip", app.name, o.system, o.arch))
	}
	entries, err := appEntries(filepath.Join(o.folder, app.folder))
	if err != nil {
		return err
	}
	handler, err := build(ctx, target{o.folder, app.source, o.system, o.arch})
	if err != nil {
		return err
	}
	entries = append(entries, entry{name: app.program, content: handler, executable: true})
	var archive bytes.Buffer
	if err := writeZip(&archive, entries); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(o.out), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(o.out, archive.Bytes(), 0o644); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %.1f MiB, handler %.1f MiB\n", o.out, mebibytes(archive.Len()), mebibytes(len(handler)))
	return nil
}

func mebibytes(n int) float64 {
	return float64(n) / (1 << 20)
}
