package main

import (
	"embed"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
)

//go:embed scenarios/*.json
var scenarioFiles embed.FS

// scenario is a file of devhost trigger.
type scenario struct {
	name        string
	Description string `json:"description"`
	// Steps are sent one after the other. Each waits until the events of the one
	// before are delivered.
	Steps  []step        `json:"steps"`
	Expect []expectation `json:"expect"`
}

// step is a call of devhost send.
type step struct {
	// Send are its flags. An argument in braces, such as {answer}, becomes a new id,
	// the same in the whole scenario.
	Send []string `json:"send"`
	// Provider is acs or meta if the step is only for one of them.
	Provider string `json:"provider,omitzero"`
}

// expectation is what an output must have got.
type expectation struct {
	// In is the kind and name of the output, such as "queue inbound-messages".
	In string `json:"in"`
	// Count is the number of items. Without it there must be at least one.
	Count *int `json:"count,omitzero"`
	// With are fields that an item must have to be counted: names, with dots between
	// those of nested fields, and values. A string in braces is an id.
	With map[string]any `json:"with,omitzero"`
	// Provider is as in step.
	Provider string `json:"provider,omitzero"`
}

// readScenario reads a scenario of devhost, or a file, and leaves out what is for
// another provider.
func readScenario(name, provider string) (s scenario, err error) {
	var text []byte
	if strings.HasSuffix(name, ".json") {
		text, err = os.ReadFile(name)
	} else if text, err = scenarioFiles.ReadFile("scenarios/" + name + ".json"); errors.Is(err, fs.ErrNotExist) {
		return s, usageError{fmt.Errorf("there is no scenario %s: there is %s, and files whose names end in .json", name, strings.Join(scenarioNames(), ", "))}
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s, json.RejectUnknownMembers(true)); err != nil {
		return s, fmt.Errorf("%s: not a scenario: %w", name, err)
	}
	s.name = strings.TrimSuffix(filepath.Base(name), ".json")
	if len(s.Steps) == 0 || len(s.Expect) == 0 {
		return s, fmt.Errorf("%s: a scenario has steps and expect", name)
	}
	ids := map[string]string{}
	s.Steps = slices.DeleteFunc(s.Steps, func(step step) bool { return step.Provider != "" && step.Provider != provider })
	for _, step := range s.Steps {
		for i, argument := range step.Send {
			step.Send[i] = withID(argument, provider, ids)
		}
	}
	s.Expect = slices.DeleteFunc(s.Expect, func(e expectation) bool { return e.Provider != "" && e.Provider != provider })
	for _, e := range s.Expect {
		if kind, output, _ := strings.Cut(e.In, " "); !slices.Contains([]string{"queue", "table", "container"}, kind) || output == "" {
			return s, fmt.Errorf("%s: in %q: write queue, table or container, and the name", name, e.In)
		}
		for field, value := range e.With {
			if text, ok := value.(string); ok {
				e.With[field] = withID(text, provider, ids)
			}
		}
	}
	return s, nil
}

var idName = regexp.MustCompile(`^\{[a-z][a-z0-9-]*\}$`)

// withID returns the id for an argument in braces, and any other unchanged.
func withID(argument, provider string, ids map[string]string) string {
	if !idName.MatchString(argument) {
		return argument
	}
	if ids[argument] == "" {
		ids[argument] = uuid.NewString()
		if provider == providerMeta {
			ids[argument] = "wamid." + strings.ToUpper(strings.ReplaceAll(ids[argument], "-", ""))
		}
	}
	return ids[argument]
}

func scenarioNames() (names []string) {
	files, _ := scenarioFiles.ReadDir("scenarios")
	for _, file := range files {
		names = append(names, strings.TrimSuffix(file.Name(), ".json"))
	}
	return names
}

// describeScenarios lists the scenarios for the help.
func describeScenarios() string {
	var text strings.Builder
	for _, name := range scenarioNames() {
		s, _ := readScenario(name, providerACS)
		fmt.Fprintf(&text, "  %-12s %s\n", name, s.Description)
	}
	return text.String()
}

// expectsRejections reports whether the scenario says how many events are rejected.
func (s scenario) expectsRejections() bool {
	return slices.ContainsFunc(s.Expect, func(e expectation) bool { return strings.HasPrefix(e.In, "container ") })
}

// met reports whether a number of items is as expected.
func (e expectation) met(seen int) bool {
	if e.Count == nil {
		return seen > 0
	}
	return seen == *e.Count
}

// String describes the expectation: 1 in queue failed-messages with data.status=failed.
func (e expectation) String() string {
	text := "at least 1"
	if e.Count != nil {
		text = fmt.Sprint(*e.Count)
	}
	text += " in " + e.In
	for i, field := range slices.Sorted(maps.Keys(e.With)) {
		text += map[bool]string{true: " with ", false: ", "}[i == 0] + fmt.Sprintf("%s=%v", field, e.With[field])
	}
	return text
}
