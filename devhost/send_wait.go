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
	_, err = u.next() // what was there before
	u.known = map[string]bool{}
	for id := range u.deliveries {
		u.known[id] = true
	}
	return u, err
}

// updates are what a running devhost reports.
type updates struct {
	close      func() error
	lines      *bufio.Scanner
	deliveries map[string]history.Delivery
	// known are the deliveries that were there before.
	known map[string]bool
	// pending is the number of events that are not delivered.
	pending int
}

// next reads the next update.
func (u *updates) next() (bool, error) {
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
			return false, err
		}
		for _, d := range update.Deliveries {
			u.deliveries[d.ID] = d
		}
		if update.Parts.Pending != nil {
			u.pending = *update.Parts.Pending
		}
		return true, nil
	}
	return false, cmp.Or(u.lines.Err(), errUndelivered)
}

// fresh returns the deliveries since follow, the oldest first.
func (u *updates) fresh() (fresh []history.Delivery) {
	for id, d := range u.deliveries {
		if !u.known[id] {
			fresh = append(fresh, d)
		}
	}
	slices.SortFunc(fresh, func(a, b history.Delivery) int { return a.Started.Compare(b.Started) })
	return fresh
}

// settled waits until all events are delivered, or given up.
func (u *updates) settled(events int) error {
	for {
		delivered, running := 0, false
		for _, d := range u.fresh() {
			running = running || d.Outcome == history.InProgress
			if d.Queue == "" && (d.Outcome == history.Delivered || d.Outcome == history.Undelivered) {
				delivered += d.Count
			}
		}
		if u.pending == 0 && !running && delivered >= events {
			return nil
		}
		if _, err := u.next(); err != nil {
			return err
		}
	}
}

// wait prints what became of the events, once it is known.
func (p *program) wait(u *updates, events int) error {
	err := u.settled(events)
	for _, d := range u.fresh() {
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
