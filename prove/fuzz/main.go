// Command fuzz runs every fuzzer of the module, each for some time. What a
// fuzzer finds is kept by go test in testdata/fuzz beside it, and from then on
// tried by every run of the tests.
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"whatsapp-functions/prove"
)

func main() {
	duration := flag.Duration("time", 20*time.Second, "how long each fuzzer runs")
	parallel := flag.Int("parallel", 2, "how many inputs are tried at once")
	only := flag.String("only", ".", "run the fuzzers whose names this regular expression matches")
	name := flag.String("figures", "fuzzing", "the name under which figures are kept")
	flag.Parse()
	if err := run(*duration, *parallel, regexp.MustCompile(*only), *name); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// target is a fuzzer.
type target struct{ folder, name string }

func run(duration time.Duration, parallel int, only *regexp.Regexp, name string) error {
	targets, err := find()
	if err != nil {
		return err
	}
	table := prove.Table{Columns: []string{"fuzzer", "inputs tried", "of them new to the code", "time", "failures"}}
	for _, t := range targets {
		if !only.MatchString(t.name) {
			continue
		}
		tried, fresh, err := t.fuzz(duration, parallel)
		if err != nil {
			return err
		}
		table.Rows = append(table.Rows, []string{"`" + t.name + "`", prove.Count(tried), prove.Count(fresh), duration.String(), "0"})
	}
	return table.Keep(name)
}

// find lists the module's fuzzers.
func find() ([]target, error) {
	text, err := exec.Command("go", "list", "-f", "{{.Dir}}", "./...").Output()
	if err != nil {
		return nil, err
	}
	var targets []target
	for line := range strings.Lines(string(text)) {
		folder := strings.TrimSpace(line)
		names, err := fuzzersIn(folder)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			targets = append(targets, target{folder, name})
		}
	}
	return targets, nil
}

var declaration = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(\w+ \*testing\.F\)`)

func fuzzersIn(folder string) (names []string, err error) {
	entries, err := os.ReadDir(folder)
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(folder + "/" + entry.Name())
		if err != nil {
			return nil, err
		}
		for _, match := range declaration.FindAllSubmatch(text, -1) {
			names = append(names, string(match[1]))
		}
	}
	return names, err
}

var progress = regexp.MustCompile(`fuzz: elapsed: \S+, execs: (\d+) .*new interesting: (\d+)`)

// fuzz runs one fuzzer and shows what it says.
func (t target) fuzz(duration time.Duration, parallel int) (tried, fresh int, err error) {
	// To shrink whatever is new takes most of the time; what fails is shrunk
	// all the same, in a few steps.
	command := exec.Command("go", "test", "-run=^$", "-fuzz=^"+t.name+"$", "-fuzztime="+duration.String(), "-fuzzminimizetime=10x", fmt.Sprint("-parallel=", parallel))
	command.Dir = t.folder
	var said bytes.Buffer
	command.Stdout = io.MultiWriter(&said, os.Stdout)
	command.Stderr = os.Stderr
	fmt.Println(t.name)
	if err := command.Run(); err != nil {
		return 0, 0, fmt.Errorf("%s: %w", t.name, err)
	}
	for lines := bufio.NewScanner(&said); lines.Scan(); {
		if match := progress.FindStringSubmatch(lines.Text()); match != nil {
			_, _ = fmt.Sscan(match[1], &tried)
			_, _ = fmt.Sscan(match[2], &fresh)
		}
	}
	return tried, fresh, nil
}
