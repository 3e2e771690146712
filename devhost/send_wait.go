package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/simulator"
)

// waitLimit is how long --wait waits.
const waitLimit = time.Minute

// errRejected and errUndelivered are the errors of --wait: the exit code is 1.
var (
	errRejected    = errors.New("not all events are written: see rejected-events")
	errUndelivered = errors.New("not all events are delivered")
)

// follow reads the live updates of a running devhost.
func follow(ctx context.Context, address string) (*updates, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	parsed.Path, parsed.RawQuery = simulator.Prefix+"live", ""
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, parsed.String(), nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, errNotRunning(parsed)
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		return nil, fmt.Errorf("%s answered %s: it is not devhost", parsed.Host, response.Status)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 64<<20)
	u := &updates{close: response.Body.Close, lines: lines, deliveries: map[string]history.Delivery{}}
	err = u.read() // the present state
	u.earlier = map[string]bool{}
	for id := range u.deliveries {
		u.earlier[id] = true
	}
	return u, err
}

// updates are what a running devhost reports.
type updates struct {
	close      func() error
	lines      *bufio.Scanner
	deliveries map[string]history.Delivery
	// earlier are the deliveries from before follow.
	earlier map[string]bool
	// pending is the number of events that are not delivered.
	pending int
}

// read waits for the next update and applies it.
func (u *updates) read() error {
	for u.lines.Scan() {
		data, ok := strings.CutPrefix(u.lines.Text(), "data: ")
		if !ok {
			continue
		}
		var update struct {
			Deliveries []history.Delivery `json:"deliveries"`
			Parts      struct {
				Pending *int `json:"pending"`
			} `json:"parts"`
		}
		if err := json.Unmarshal([]byte(data), &update); err != nil {
			return err
		}
		for _, d := range update.Deliveries {
			u.deliveries[d.ID] = d
		}
		if update.Parts.Pending != nil {
			u.pending = *update.Parts.Pending
		}
		return nil
	}
	return cmp.Or(u.lines.Err(), errUndelivered)
}

// added returns the deliveries since follow, the oldest first.
func (u *updates) added() (added []history.Delivery) {
	for id, d := range u.deliveries {
		if !u.earlier[id] {
			added = append(added, d)
		}
	}
	slices.SortFunc(added, func(a, b history.Delivery) int { return a.Started.Compare(b.Started) })
	return added
}

// waitForDelivery waits until all events are delivered or dead letters.
func (u *updates) waitForDelivery(events int) error {
	for {
		delivered, running := 0, false
		for _, d := range u.added() {
			running = running || d.Outcome == history.InProgress
			if d.Queue == "" && (d.Outcome == history.Delivered || d.Outcome == history.Undelivered) {
				delivered += d.Count
			}
		}
		if u.pending == 0 && !running && delivered >= events {
			return nil
		}
		if err := u.read(); err != nil {
			return err
		}
	}
}

// wait waits until the events are delivered, and prints the result of each delivery.
func (p *program) wait(u *updates, events int) error {
	err := u.waitForDelivery(events)
	for _, d := range u.added() {
		line, failed := outcome(d)
		fmt.Fprintln(p.stdout, line)
		err = cmp.Or(err, failed)
	}
	return err
}

// outcome describes what became of a delivery. The error is nil if all its events are
// written.
func outcome(d history.Delivery) (line string, err error) {
	line = fmt.Sprintf("%s: %d %s %s", d.Function, d.Count, noun("event", d.Count), d.Outcome)
	for _, invocation := range d.Invocations {
		for _, output := range invocation.Outputs {
			line += fmt.Sprintf(", %s +%d", output.Target, output.Count)
		}
		if len(invocation.Rejected) > 0 {
			line += ", rejected: " + strings.Join(invocation.Rejected, ", ")
			err = cmp.Or(err, errRejected)
		}
		if invocation.Error != "" {
			line += ": " + invocation.Error
		}
	}
	if d.Outcome == history.Undelivered {
		err = cmp.Or(err, errUndelivered)
	}
	return line, err
}

func noun(word string, number int) string {
	if number == 1 {
		return word
	}
	return word + "s"
}
