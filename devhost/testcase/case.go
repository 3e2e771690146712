// Package testcase turns invocations into test cases: the events that a function
// got, and the outputs that it wrote.
package testcase

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"whatsapp-functions/devhost/durable"
	"whatsapp-functions/devhost/history"
)

// Case is a test case.
type Case struct {
	Function string         `json:"function"`
	Events   jsontext.Value `json:"events"`
	// Outputs are the items of each output, by its name: objects, and strings
	// for anything else. The invocation's id and the names of blobs are left
	// out, because they differ every time.
	Outputs map[string][]jsontext.Value `json:"outputs"`
	// Error is the error of a failed invocation.
	Error string `json:"error,omitzero"`
}

// invocationID replaces the id of an invocation.
const invocationID = "00000000-0000-0000-0000-000000000000"

// New returns the case of the invocations of one delivery.
func New(function string, events jsontext.Value, invocations ...history.Transcript) Case {
	c := Case{Function: function, Events: events, Outputs: map[string][]jsontext.Value{}}
	var failures []string
	for _, t := range invocations {
		for _, output := range t.Outputs {
			for _, item := range output.Items {
				c.Outputs[output.Name] = append(c.Outputs[output.Name], value(item, t.ID))
			}
		}
		if t.Error != "" {
			failures = append(failures, strings.ReplaceAll(t.Error, t.ID, invocationID))
		}
	}
	if len(invocations) > 1 { // they ran at the same time
		for _, items := range c.Outputs {
			slices.SortFunc(items, func(a, b jsontext.Value) int { return bytes.Compare(a, b) })
		}
		slices.Sort(failures)
	}
	c.Error = strings.Join(failures, "\n")
	return c
}

// value returns an item as canonical JSON.
func value(item history.Item, id string) jsontext.Value {
	object := jsontext.Value(strings.ReplaceAll(item.Text.Text, id, invocationID))
	if object.Kind() == jsontext.KindBeginObject && object.Canonicalize(loose...) == nil {
		return object
	}
	text, _ := jsontext.AppendQuote(nil, item.Text.Text+item.Base64)
	return text
}

// loose accepts the JSON that Azure may send.
var loose = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// Read reads a case from a file.
func Read(file string) (Case, error) {
	var c Case
	text, err := os.ReadFile(file)
	if err != nil {
		return c, err
	}
	err = json.Unmarshal(text, &c, append(loose, json.RejectUnknownMembers(true))...)
	if err == nil && (c.Function == "" || c.Events == nil) {
		err = fmt.Errorf("the function or the events are missing")
	}
	if err != nil {
		return c, fmt.Errorf("%s is not a test case: %w", file, err)
	}
	for _, items := range c.Outputs {
		for i := range items {
			if err := items[i].Canonicalize(loose...); err != nil {
				return c, fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return c, nil
}

// Write writes a case to a file that only its owner can read, all of it or
// nothing.
func (c Case) Write(file string) error {
	text, err := json.Marshal(c, append(loose, json.Deterministic(true), jsontext.PreserveRawStrings(true), jsontext.WithIndent("  "))...)
	if err != nil {
		return err
	}
	return durable.Folder{Root: filepath.Dir(file)}.Write(file, append(text, '\n'))
}
