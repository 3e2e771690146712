// Package app reads an app folder as the Functions host does: host.json,
// local.settings.json and a function.json in a folder for each function.
package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"whatsapp-functions/devhost/dotnet"
)

// App is an app folder.
type App struct {
	// Root is the folder, absolute.
	Root string
	// Host is what host.json says.
	Host Host
	// Settings are the values of local.settings.json.
	Settings Settings
	// Functions are in the order of their names. Those that are disabled are
	// not among them.
	Functions []Function
	// Warnings are what the files say that does what nobody may expect.
	Warnings []string
}

// Open reads the folder at root. The error names the file and the member that
// is wrong.
func Open(root string) (*App, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	a := &App{Root: root}
	var notes notes
	if a.Host, err = readHost(root, &notes); err != nil {
		return nil, err
	}
	if a.Settings, err = readSettings(root, &notes); err != nil {
		return nil, err
	}
	if a.Functions, err = readFunctions(root, a.Settings, &notes); err != nil {
		return nil, err
	}
	a.Warnings = notes.warnings
	return a, nil
}

// Function returns the function of this name, to the letter.
func (a *App) Function(name string) (Function, bool) {
	for _, f := range a.Functions {
		if f.Name == name {
			return f, true
		}
	}
	return Function{}, false
}

// read reads a file of the app, whose name is relative to the root, as JSON
// that must be an object.
func read(root, name string) (dotnet.Value, error) {
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		if pathError, ok := errors.AsType[*fs.PathError](err); ok {
			err = pathError.Err
		}
		return dotnet.Value{}, fmt.Errorf("%s: %w", name, err)
	}
	value, err := dotnet.Read(text, dotnet.Options{})
	if err != nil {
		return dotnet.Value{}, fmt.Errorf("%s: %w", name, err)
	}
	if value.Kind != dotnet.KindObject {
		return dotnet.Value{}, fmt.Errorf("%s: it must hold one object", name)
	}
	return value, nil
}
