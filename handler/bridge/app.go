package bridge

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"whatsapp-functions/handler/lenient"
)

// Function is a function of the handler.
type Function struct {
	// Name is the name of the function and of its folder.
	Name string
	// Trigger is the binding type of its trigger.
	Trigger string
	// Outputs are the outputs that function.json may bind. Unless the trigger is a
	// [QueueTrigger], it must also bind rejectedEvents.
	Outputs []Output
	// Receive returns the answer to an HTTP request, and the entries in it for
	// Handle. It is called concurrently. Only a function with an [HTTPTrigger] has
	// it.
	Receive func(request *Request) (Response, []Entry)
	// Handle converts one event, a JSON object, and adds its outputs to results, or
	// returns why the event is rejected. What it has added is dropped if it
	// panics or returns a rejection that is not marked as written. Handle is
	// called concurrently. A function with a [QueueTrigger] has Process instead.
	Handle func(event lenient.Value, results *Results) *Rejection
	// Process handles one message of a queue, which is the exact text in the queue,
	// and adds its outputs to results. It is called concurrently. Only a function
	// with a [QueueTrigger] has it.
	//
	// An error or a panic fails the invocation, and nothing is written. The host
	// calls again after visibilityTimeout. After maxDequeueCount calls it moves the
	// message to the queue <name>-poison. The error's text is logged: it must
	// contain no personal data, no secret and no URL with a query.
	//
	// ctx is done when the host has closed the request or the process must end. It
	// contains a logger for zerolog.Ctx whose lines identify the invocation.
	Process func(ctx context.Context, message string, results *Results) error
}

// offered returns the outputs that function.json may bind.
func (f *Function) offered() []Output {
	if f.Trigger == QueueTrigger {
		return f.Outputs // the host keeps a message that can't be processed
	}
	return append(slices.Clone(f.Outputs), rejectedEvents)
}

// Output is an output of a function.
type Output struct {
	// Name is the name of the binding in function.json.
	Name string
	Kind Kind
	// Every is what the output takes all of, in the plural, such as "statuses".
	// For each of these an app must bind at least one output, so that nothing is
	// lost. It is "" for an output that takes only some events.
	Every string
}

// rejectedEvents is the output that every function must bind, unless its trigger is
// a queue.
var rejectedEvents = Output{Name: "rejectedEvents", Kind: blob}

// App is an app folder: its functions, and what their function.json files bind.
type App struct {
	functions map[string]*boundFunction
	// Missing names the functions of the handler that have no folder. An app may
	// be split into several.
	Missing []string
}

// boundFunction is a function with the names of its bindings in function.json.
type boundFunction struct {
	Function
	trigger string
	outputs []string
	// response is the http output of a function with an HTTP trigger.
	response string
}

// Open reads the function.json files in the folders of root. The error has a line
// for each mistake in them.
func Open(root string, functions []Function) (*App, error) {
	folders, err := functionFolders(root)
	if err != nil {
		return nil, err
	}
	if len(folders) == 0 {
		return nil, fmt.Errorf("no folder with a %s in %s: set %s to the app's folder", functionFile, root, EnvAppRoot)
	}
	app := &App{functions: make(map[string]*boundFunction, len(functions))}
	var mistakes []error
	for _, folder := range folders {
		function, err := readFunction(root, folder, functions)
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		app.functions[folder] = function
	}
	for _, f := range functions {
		if app.functions[f.Name] == nil {
			app.Missing = append(app.Missing, f.Name)
		}
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return app, nil
}

// Functions returns the names of the app's functions, sorted.
func (a *App) Functions() []string {
	return slices.Sorted(maps.Keys(a.functions))
}

// functionFolders returns the folders in root that have a function.json.
func functionFolders(root string) (folders []string, err error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, entry := range entries {
		if _, err := os.Stat(filepath.Join(root, entry.Name(), functionFile)); err == nil {
			folders = append(folders, entry.Name())
		}
	}
	return folders, err
}

// readFunction reads the function.json in a folder. The error has a line for each
// mistake.
func readFunction(root, folder string, functions []Function) (*boundFunction, error) {
	file := filepath.Join(folder, functionFile)
	i := slices.IndexFunc(functions, func(f Function) bool { return f.Name == folder })
	if i < 0 {
		return nil, fmt.Errorf("%s: the handler has no function of this name: it has %s", file, inQuotes(functions, func(f Function) string { return f.Name }))
	}
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	value, err := lenient.Parse(lenient.StripComments(lenient.Clean(text)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	bound, mistakes := bind(functions[i], readBindings(value))
	if len(mistakes) > 0 {
		for i, err := range mistakes {
			mistakes[i] = fmt.Errorf("%s: %w", file, err)
		}
		return nil, errors.Join(mistakes...)
	}
	return bound, nil
}

// inQuotes lists names for an error.
func inQuotes[T any](all []T, name func(T) string) string {
	names := make([]string, len(all))
	for i, one := range all {
		names[i] = "'" + name(one) + "'"
	}
	return strings.Join(names, ", ")
}
