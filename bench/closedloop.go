package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// connections is the number of connections, each with one request at a time.
const connections = 16

// load is the result of one measurement.
type load struct {
	requests int
	took     time.Duration
	cpu      time.Duration // of the server's process
}

func (l load) perSecond() float64 { return float64(l.requests) / l.took.Seconds() }

// The lines of wrk's report, https://github.com/wg/wrk.
var (
	wrkTotal = regexp.MustCompile(`(\d+) requests in ([0-9.]+(?:us|ms|s|m|h))`)
	wrkWrong = regexp.MustCompile(`Non-2xx or 3xx responses: \d+|Socket errors: .*`)
)

// closedLoop sends requests as fast as the server answers them.
func closedLoop(ctx context.Context, s *server, c testCase, scratch string, during time.Duration) (load, error) {
	body, script := filepath.Join(scratch, "body.json"), filepath.Join(scratch, "wrk.lua")
	if err := os.WriteFile(body, []byte(c.body), 0o600); err != nil {
		return load{}, err
	}
	lua := fmt.Sprintf("wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json; charset=utf-8'\n"+
		"wrk.headers['X-Azure-Functions-InvocationId'] = '0d1f6a2e-5b1c-4a53-9c5e-6d3c9c0f7a01'\nwrk.body = io.open('%s'):read('*a')\n", body)
	if err := os.WriteFile(script, []byte(lua), 0o600); err != nil {
		return load{}, err
	}
	before, err := s.cpu()
	if err != nil {
		return load{}, err
	}
	report, err := exec.CommandContext(ctx, "wrk", "-t2", fmt.Sprint("-c", connections), fmt.Sprintf("-d%ds", max(1, int(during.Seconds()))),
		"--timeout", "10s", "-s", script, "http://"+s.address+"/"+c.function).CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return load{}, errors.New("wrk is not installed: apt-get install wrk, or brew install wrk")
	}
	if err != nil {
		return load{}, fmt.Errorf("wrk: %w: %s", err, report)
	}
	if wrong := wrkWrong.Find(report); wrong != nil {
		return load{}, fmt.Errorf("%s: %s", c.name, wrong)
	}
	after, err := s.cpu()
	if err != nil {
		return load{}, err
	}
	found := wrkTotal.FindSubmatch(report)
	if found == nil {
		return load{}, fmt.Errorf("wrk: the report has no total: %s", report)
	}
	requests, _ := strconv.Atoi(string(found[1]))
	took, err := time.ParseDuration(string(found[2]))
	if err == nil && requests == 0 {
		err = fmt.Errorf("%s: no answer", c.name)
	}
	return load{requests, took, after - before}, err
}
