package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/testcase"
)

// listed is how many invocations are listed.
const listed = 20

// replay is the replay command with its flags.
type replay struct {
	*program
	folder, data, name string
	update             bool
}

func (p *program) replayCommand() *cobra.Command {
	r := replay{program: p}
	command := &cobra.Command{
		Use:   "replay [invocation | case.json]",
		Short: "Repeat an invocation and compare the outputs",
		Long: `Invoke a function again with the events of an earlier invocation, in a separate
app with separate storage, and show the differences of the outputs. If there are
any the exit code is 1. An invocation is named by the first digits of its id, as
devhost run logs it. Without one, the last invocations are listed.

With --update the invocation is saved as a test case in testdata/cases: its
events, in which phone numbers and business-scoped ids are masked, and the
outputs that the app writes now. Texts are not masked: read them before you
commit. There are no transcripts, and so no test cases, of invocations whose
outputs went to an account in Azure.`,
		Example: `  devhost replay
  devhost replay 1f0c9a2e
  devhost replay 1f0c9a2e --update --name opt-out
  devhost replay testdata/cases/opt-out.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			if len(args) == 0 {
				return r.list()
			}
			return r.run(command.Context(), args[0])
		},
	}
	flags := command.Flags()
	flags.BoolVar(&r.update, "update", false, "save the invocation as a test case, or update the test case")
	flags.StringVar(&r.name, "name", "", "the `name` of the test case (default: the function and the id)")
	flags.StringVar(&r.folder, "app", ".", "the `folder` of the app, which contains host.json")
	flags.StringVar(&r.data, "data", "", "the data `folder` of devhost (default: .devhost in the app's folder)")
	return command
}

// list shows the last invocations, the newest first.
func (r replay) list() error {
	folder, err := r.transcripts()
	if err != nil {
		return err
	}
	last := folder.Last(listed)
	if len(last) == 0 {
		fmt.Fprintln(r.stdout, "no invocation yet: devhost send --text Hello, while devhost run runs")
	}
	for _, t := range last {
		outcome := "ok"
		if t.Error != "" {
			outcome = "failed: " + line([]byte(t.Error))
		}
		fmt.Fprintf(r.stdout, "%s  %s  %s  %s\n", t.Short(), t.Started.Local().Format(time.DateTime), t.Function, outcome)
	}
	return nil
}

func (r replay) transcripts() (*history.Folder, error) {
	return platform.OpenTranscripts(r.folder, r.data, r.log(r.stderr))
}

// errDiffers means that a replay had other outputs.
var errDiffers = errors.New("the outputs differ")

// run repeats an invocation or a test case, or updates the test case.
func (r replay) run(ctx context.Context, what string) error {
	app := testcase.App{Folder: r.folder, Environ: r.environ, Log: r.log(r.stdout)}
	var before testcase.Case
	var t history.Transcript
	isCase := strings.HasSuffix(what, ".json")
	if isCase {
		var err error
		if before, err = testcase.Read(what); err != nil {
			return err
		}
	} else {
		folder, err := r.transcripts()
		if err != nil {
			return err
		}
		if t, err = folder.Find(what); err != nil {
			return err
		}
		before = testcase.New(t.Function, t.Events, t)
	}
	if r.update {
		file, err := what, error(nil)
		if isCase {
			err = app.Update(ctx, file, before.Function, before.Events)
		} else {
			file, err = app.Save(ctx, t, r.name)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(r.stdout, "%s contains the test case: check its texts for personal data before you commit it\n", file)
		return nil
	}
	now, err := app.Run(ctx, before.Function, before.Events)
	if err != nil {
		return err
	}
	differences := before.Diff(now)
	for _, difference := range differences {
		fmt.Fprintln(r.stdout, difference)
	}
	if len(differences) > 0 {
		return errDiffers
	}
	fmt.Fprintln(r.stdout, "the outputs are the same")
	return nil
}
