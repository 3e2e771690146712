package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/testcase"
	"whatsapp-functions/devhost/transcript"
)

// listed is how many invocations are listed.
const listed = 20

func (p *program) replayCommand() *cobra.Command {
	var o replayOptions
	command := &cobra.Command{
		Use:   "replay [invocation | case.json]",
		Short: "Invoke a function again as it was invoked before, and compare",
		Long: `Invoke a function again with the events of an earlier invocation, in an app of
its own with storage of its own, and tell where its outputs differ. The exit code
is 1 if they do. An invocation is named by the first digits of its id, as devhost
run shows it; without one, the last invocations are listed.

With --update the invocation becomes a test case in testdata/cases: its events,
with phone numbers and business-scoped ids replaced by made-up ones, and what the
app now makes of them. Texts stay: look before you commit. Of an invocation whose
outputs went to an account in Azure no test case is made, because its events are
those of real people.`,
		Example: `  devhost replay
  devhost replay 1f0c9a2e
  devhost replay 1f0c9a2e --update --name opt-out
  devhost replay testdata/cases/opt-out.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.listInvocations(o)
			}
			return p.replay(command.Context(), o, args[0])
		},
	}
	flags := command.Flags()
	flags.BoolVar(&o.update, "update", false, "make a test case of it, or bring the test case up to date")
	flags.StringVar(&o.name, "name", "", "the test case's `name` (default: the function and the id)")
	flags.StringVar(&o.folder, "app", ".", "the app's `folder`, with host.json in it")
	flags.StringVar(&o.data, "data", "", "the `folder` for what devhost keeps (default: .devhost in the app's folder)")
	return command
}

type replayOptions struct {
	folder, data string
	update       bool
	name         string
}

func (o replayOptions) transcripts() (*transcript.Folder, error) {
	return platform.OpenTranscripts(platform.Options{Folder: o.folder, Data: o.data})
}

// listInvocations shows the last invocations, the newest first.
func (p *program) listInvocations(o replayOptions) error {
	folder, err := o.transcripts()
	if err != nil {
		return err
	}
	last, err := folder.Last(listed)
	if err != nil {
		return err
	}
	if len(last) == 0 {
		fmt.Fprintln(p.stdout, "no invocation yet: devhost send --text Hello, while devhost run runs")
	}
	for _, t := range last {
		outcome := "ok"
		if t.Error != "" {
			outcome = "failed: " + line([]byte(t.Error))
		}
		fmt.Fprintf(p.stdout, "%s  %s  %s  %s\n", t.ID[:8], t.Started.Local().Format(time.DateTime), t.Function, outcome)
	}
	return nil
}

// errDiffers says that a replay came out differently.
var errDiffers = errors.New("the outputs differ")

func (p *program) replay(ctx context.Context, o replayOptions, what string) error {
	app := testcase.App{Folder: o.folder, Environ: p.environ, Log: p.log(p.stdout)}
	if o.update {
		file, err := o.keep(ctx, app, what)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s holds the test case: look for texts that tell too much before you commit it\n", file)
		return nil
	}
	before, err := o.find(what)
	if err != nil {
		return err
	}
	now, err := app.Run(ctx, before.Function, before.Events)
	if err != nil {
		return err
	}
	differences := before.Diff(now)
	for _, difference := range differences {
		fmt.Fprintln(p.stdout, difference)
	}
	if len(differences) > 0 {
		return errDiffers
	}
	fmt.Fprintln(p.stdout, "the outputs are the same")
	return nil
}

// isCase reports whether a test case is named, not an invocation.
func isCase(what string) bool { return strings.HasSuffix(what, ".json") }

// keep makes a test case of an invocation, or brings one up to date.
func (o replayOptions) keep(ctx context.Context, app testcase.App, what string) (file string, err error) {
	if isCase(what) {
		c, err := testcase.Read(what)
		if err != nil {
			return "", err
		}
		return what, app.Update(ctx, what, c.Function, c.Events)
	}
	t, err := o.transcript(what)
	if err != nil {
		return "", err
	}
	return app.Keep(ctx, t, o.name)
}

// find finds a test case by its file, or makes one of an invocation by its id.
func (o replayOptions) find(what string) (testcase.Case, error) {
	if isCase(what) {
		return testcase.Read(what)
	}
	t, err := o.transcript(what)
	return testcase.New(t.Function, t.Events, t), err
}

func (o replayOptions) transcript(id string) (transcript.Transcript, error) {
	folder, err := o.transcripts()
	if err != nil {
		return transcript.Transcript{}, err
	}
	return folder.Find(id)
}
