package testcase

import (
	"context"
	"encoding/json/jsontext"
	"fmt"
	"path/filepath"
	"regexp"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/history"
)

// Folder contains the test cases, below the app's folder. A test of devhost runs
// all of them.
const Folder = "testdata/cases"

// App is the app that test cases are saved for.
type App struct {
	Folder  string
	Environ []string
	Log     zerolog.Logger
}

// Save makes a test case of an invocation and returns its file, whose name is
// that of the function and the invocation if none is given: see [App.Update].
func (a App) Save(ctx context.Context, t history.Transcript, name string) (file string, err error) {
	if name == "" {
		name = t.Function + "-" + t.Short()
	}
	if !names.MatchString(name) {
		return "", fmt.Errorf("the name %q: use letters, digits, dots, hyphens and underscores", name)
	}
	file = filepath.Join(a.Folder, Folder, name+".json")
	return file, a.Update(ctx, file, t.Function, t.Events)
}

// names are file names without folders.
var names = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// Update writes to a file what the app makes of events, in which people's
// identities are masked.
func (a App) Update(ctx context.Context, file, function string, events jsontext.Value) error {
	runner, err := Start(ctx, a.Folder, a.Environ, a.Log)
	if err != nil {
		return err
	}
	defer runner.Stop()
	var masked jsontext.Value
	if runner.isQueue(function) {
		masked, err = maskMessage(events)
	} else if _, isRequest := readRequest(events); isRequest {
		masked, err = settings(runner.platform.App().Setting).maskRequest(events)
	} else {
		masked, err = Mask(events)
	}
	if err != nil {
		return err
	}
	c, err := runner.Run(ctx, function, masked)
	if err != nil {
		return err
	}
	return c.Write(file)
}

// Run starts the app, delivers events to a function, and returns what came of
// it as a case.
func (a App) Run(ctx context.Context, function string, events jsontext.Value) (Case, error) {
	runner, err := Start(ctx, a.Folder, a.Environ, a.Log)
	if err != nil {
		return Case{}, err
	}
	defer runner.Stop()
	return runner.Run(ctx, function, events)
}
