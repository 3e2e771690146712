// Command fuzz runs every fuzzer of the module, each for some time. What a
// fuzzer finds is kept by go test in testdata/fuzz beside it, and from then on
// tried by every run of the tests.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"whatsapp-functions/prove"
)

func main() {
	duration := flag.Duration("time", 20*time.Second, "how long each fuzzer runs")
	parallel := flag.Int("parallel", 2, "how many inputs are tried at once")
	together := flag.Int("together", 1, "how many fuzzers run at once")
	only := flag.String("only", ".", "run the fuzzers whose names this regular expression matches")
	name := flag.String("figures", "fuzzing", "the name under which figures are kept")
	flag.Parse()
	if err := run(*duration, *parallel, *together, regexp.MustCompile(*only), *name); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// target is a fuzzer: its name, the folder it is in, and what it is about, which
// is its package.
type target struct{ folder, name, about string }

func run(duration time.Duration, parallel, together int, only *regexp.Regexp, name string) error {
	targets, err := find()
	if err != nil {
		return err
	}
	targets = slices.DeleteFunc(targets, func(t target) bool { return !only.MatchString(t.name) })
	rows := make([][]string, len(targets))
	failures := make([]error, len(targets))
	slots := make(chan struct{}, together)
	var fuzzing sync.WaitGroup
	for i, t := range targets {
		slots <- struct{}{}
		fuzzing.Go(func() {
			defer func() { <-slots }()
			tried, fresh, err := t.fuzz(duration, parallel)
			failures[i] = err
			rows[i] = []string{"`" + t.name + "`", t.about, prove.Count(tried), prove.Count(fresh), duration.String(), "0"}
		})
	}
	fuzzing.Wait()
	if err := errors.Join(failures...); err != nil {
		return err
	}
	return prove.Table{Columns: []string{"fuzzer", "of", "inputs tried", "of them new to the code", "time", "failures"}, Rows: rows}.Keep(name)
}

// find lists the module's fuzzers.
func find() ([]target, error) {
	text, err := exec.Command("go", "list", "-f", "{{.Dir}} {{.ImportPath}}", "./...").Output()
	if err != nil {
		return nil, err
	}
	var targets []target
	for line := range strings.Lines(string(text)) {
		folder, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		names, err := fuzzersIn(folder)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			targets = append(targets, target{folder, name, strings.TrimPrefix(path, "whatsapp-functions/")})
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

// fuzz runs one fuzzer and returns how many inputs it has tried, and how many
// of them took ways through the code that none had taken.
func (t target) fuzz(duration time.Duration, parallel int) (tried, fresh int, err error) {
	// To shrink whatever is new takes most of the time; what fails is shrunk
	// all the same, in a few steps.
	command := exec.Command("go", "test", "-run=^$", "-fuzz=^"+t.name+"$", "-fuzztime="+duration.String(), "-fuzzminimizetime=10x", fmt.Sprint("-parallel=", parallel))
	command.Dir = t.folder
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Run(); err != nil {
		return 0, 0, fmt.Errorf("%s: %w\n%s", t.name, err, &said)
	}
	for lines := bufio.NewScanner(&said); lines.Scan(); {
		if match := progress.FindStringSubmatch(lines.Text()); match != nil {
			_, _ = fmt.Sscan(match[1], &tried)
			_, _ = fmt.Sscan(match[2], &fresh)
		}
	}
	fmt.Printf("%s %s: %s inputs tried in %s, %s of them new to the code\n", t.about, t.name, prove.Count(tried), duration, prove.Count(fresh))
	return tried, fresh, nil
}
