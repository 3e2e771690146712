package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/worker"
)

var _ host.Console = (*console)(nil)

// console shows a host's doings, a line each:
//
//	15:04:05.000 info  1f0c9a2e AdvancedMessageTrigger: 1 event in 3ms: …
type console struct {
	out   io.Writer
	paint paint
}

func (p program) newConsole() *console { return &console{p.stdout, p.paint} }

func (c *console) print(level worker.Level, source, text string) {
	fmt.Fprintf(c.out, "%s %s %s %s\n", c.paint(dim, time.Now().Format("15:04:05.000")),
		c.paint(levelColours[level], fmt.Sprintf("%-5s", level)), c.paint(cyan, fmt.Sprintf("%-8s", source)), text)
}

// Line shows a line of the handler's.
func (c *console) Line(line worker.Line) {
	c.print(line.Level, "handler", line.Text)
}

// Say shows a remark of the host's.
func (c *console) Say(level worker.Level, text string) {
	c.print(level, "host", text)
}

// Done shows an invocation, by the first digits of its id.
func (c *console) Done(r host.Result) {
	id := r.Call.ID[:8]
	for _, line := range r.Logs {
		c.print(worker.Information, id, line)
	}
	for _, remark := range r.Outcome.Remarks {
		c.print(worker.Warning, id, remark)
	}
	events := fmt.Sprintf("%d events", len(r.Call.Events))
	if len(r.Call.Events) == 1 {
		events = "1 event"
	}
	took := r.Took.Round(100 * time.Microsecond)
	if r.Err != nil {
		c.print(worker.Error, id, fmt.Sprintf("%s: %s failed after %s: %s", r.Call.Function, events, took, r.Err))
		return
	}
	c.print(worker.Information, id, fmt.Sprintf("%s: %s in %s: %s", r.Call.Function, events, took, written(r.Outcome.Written)))
}

func written(all []bridge.Written) string {
	if len(all) == 0 {
		return "nothing to write"
	}
	parts := make([]string, len(all))
	for i, w := range all {
		parts[i] = fmt.Sprintf("%s +%d", w.Target, len(w.Items))
	}
	return strings.Join(parts, ", ")
}
