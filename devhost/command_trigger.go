package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"whatsapp-functions/devhost/eventgrid"
)

// triggerOptions are the flags of devhost trigger.
type triggerOptions struct {
	topic, provider string
	json            bool
}

func (p *program) triggerCommand() *cobra.Command {
	var o triggerOptions
	command := &cobra.Command{
		Use:   "trigger scenario...",
		Short: "Play scenarios in a running devhost, and check what the app writes",
		Long: `Play scenarios in a running devhost: send their events, wait until they are
delivered, and compare what the app has written with what the scenario expects.
The exit code is 1 if an expectation is not met, or if an event is rejected and
the scenario does not expect that. Send nothing else meanwhile: all that is
delivered counts.

The scenarios are:
` + describeScenarios() + `
A scenario of yours is a file whose name ends in .json. docs/devhost.md has its
form.`,
		Example: `  devhost trigger dialogue
  devhost trigger --provider meta dialogue failed-send opt-out burst media
  devhost trigger failed-send --json | jq 'select(.output=="queue failed-messages").item'
  devhost trigger ./my-scenario.json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, names []string) error {
			if o.provider != providerACS && o.provider != providerMeta {
				return usageError{fmt.Errorf("--provider %s: write acs or meta", o.provider)}
			}
			return p.trigger(command.Context(), o, names)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.provider, "provider", providerACS, "the `provider`: acs (Azure Communication Services) or meta")
	flags.StringVar(&o.topic, "topic", topicAddress, "the `address` of devhost")
	flags.BoolVar(&o.json, "json", false, "print what was written and the result of each expectation as lines of JSON")
	return command
}

func (p *program) trigger(ctx context.Context, o triggerOptions, names []string) error {
	address, err := publishAddress(o.topic, o.provider)
	if err != nil {
		return err
	}
	var scenarios []scenario
	for _, name := range names {
		s, err := readScenario(name, o.provider)
		if err != nil {
			return err
		}
		scenarios = append(scenarios, s)
	}
	var errs []error
	for _, s := range scenarios {
		if err := p.play(ctx, o, s, address); err != nil {
			errs = append(errs, fmt.Errorf("scenario %s: %w", s.name, err))
		}
	}
	return errors.Join(errs...)
}

// play sends the events of a scenario and checks what was written.
func (p *program) play(ctx context.Context, o triggerOptions, s scenario, address string) error {
	var steps [][][]byte
	for _, step := range s.Steps {
		bodies, err := p.described(step.Send, o.provider)
		if err != nil {
			return fmt.Errorf("send %s: %w", strings.Join(step.Send, " "), err)
		}
		steps = append(steps, bodies)
	}
	ctx, stop := context.WithTimeout(ctx, waitLimit)
	defer stop()
	running, err := follow(ctx, address)
	if err != nil {
		return err
	}
	defer running.close()
	quiet := &program{stdout: newConsole(io.Discard, nil)}
	events := 0
	for i, bodies := range steps {
		for _, body := range bodies {
			if err := eventgrid.PublishTo(ctx, address, body); err != nil {
				return err
			}
		}
		events += quiet.published(bodies, o.provider)
		if err := running.waitForDelivery(events); err != nil {
			return fmt.Errorf("send %s: %w", strings.Join(s.Steps[i].Send, " "), err)
		}
	}
	written, err := running.written(ctx, address)
	if err != nil {
		return err
	}
	return p.showResults(o, s, written)
}

// described returns the bodies that devhost send publishes with these flags.
func (p *program) described(args []string, provider string) (bodies [][]byte, err error) {
	var printed bytes.Buffer
	send := (&program{environ: p.environ, stdout: newConsole(&printed, nil), stderr: p.stderr}).sendCommand()
	send.SilenceErrors, send.SilenceUsage = true, true
	send.SetArgs(append([]string{"--print", "--provider", provider}, args...))
	if err := send.Execute(); err != nil {
		return nil, usageError{err}
	}
	decoder := jsontext.NewDecoder(&printed, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for {
		body, err := decoder.ReadValue()
		if err == io.EOF {
			return bodies, nil
		}
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, body.Clone())
	}
}

// showResults prints what was written and whether it is as expected. The error names
// the first expectation that is not met.
func (p *program) showResults(o triggerOptions, s scenario, w written) (err error) {
	if o.json {
		for _, i := range w.items {
			p.printJSON(struct {
				Scenario string         `json:"scenario"`
				Function string         `json:"function"`
				Output   string         `json:"output"`
				Item     jsontext.Value `json:"item"`
			}{s.name, i.function, i.output, i.content})
		}
	} else {
		fmt.Fprintf(p.stdout, "%s: %s\n", s.name, s.Description)
		for _, line := range w.lines {
			fmt.Fprintln(p.stdout, " ", line)
		}
	}
	for _, e := range s.Expect {
		seen := w.count(e)
		met := e.met(seen)
		if o.json {
			p.printJSON(struct {
				Scenario string `json:"scenario"`
				expectation
				Seen int  `json:"seen"`
				Met  bool `json:"met"`
			}{s.name, e, seen, met})
		} else {
			fmt.Fprintf(p.stdout, "  %s: expected %s, seen %d\n", map[bool]string{true: "ok", false: "NOT MET"}[met], e, seen)
		}
		if !met {
			err = cmp.Or(err, fmt.Errorf("expected %s, seen %d", e, seen))
		}
	}
	if err == nil && w.failed != nil && !s.expectsRejections() {
		err = w.failed
	}
	return err
}

func (p *program) printJSON(value any) {
	if text, err := json.Marshal(value, jsontext.AllowInvalidUTF8(true), json.Deterministic(true)); err == nil {
		fmt.Fprintf(p.stdout, "%s\n", text)
	}
}
