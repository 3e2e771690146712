// Package app reads an app folder as the Functions host does: host.json,
// local.settings.json and a function.json in a folder for each function.
package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"whatsapp-functions/devhost/dotnet"
)

// App is an app folder.
type App struct {
	// Root is the absolute path of the folder.
	Root string
	Host Host
	// Settings are the values of local.settings.json.
	Settings Settings
	// Functions run. They are in the order of their names.
	Functions []Function
	// Inactive are the functions that the host does not run, in the order of
	// their names.
	Inactive []Inactive
	// Warnings are about valid settings with a surprising effect.
	Warnings []string

	configuration map[string]string
}

// Open reads the folder at root. Variables of environ, in the form of
// [os.Environ], replace app settings. The error names the file and the field at
// fault. A fault in a function.json makes only that function inactive.
func Open(root string, environ ...string) (*App, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	a := &App{Root: root}
	found := &findings{}
	if a.Settings, err = readSettings(root, found); err != nil {
		return nil, err
	}
	a.configure(environ)
	if a.Host, err = readHost(root, a.configuration, found); err != nil {
		return nil, err
	}
	if err = a.readFunctions(found); err != nil {
		return nil, err
	}
	a.Warnings = found.warnings
	return a, nil
}

// Function returns the function of exactly this name.
func (a *App) Function(name string) (Function, bool) {
	for _, f := range a.Functions {
		if f.Name == name {
			return f, true
		}
	}
	return Function{}, false
}

// Uses reports whether a function has a trigger of a type, even if the host
// does not run the function. The host loads an extension for it.
func (a *App) Uses(triggerType string) bool {
	return slices.ContainsFunc(a.Functions, func(f Function) bool { return f.Trigger.Is(triggerType) }) ||
		slices.ContainsFunc(a.Inactive, func(f Inactive) bool {
			return !f.Unlisted && strings.EqualFold(f.TriggerType, triggerType)
		})
}

// Files returns the paths of the configuration files that exist.
func (a *App) Files() []string {
	files, _ := filepath.Glob(filepath.Join(a.Root, "*", functionFile))
	return append([]string{filepath.Join(a.Root, hostFile), filepath.Join(a.Root, settingsFile)}, files...)
}

// read parses a file of the app, which must be a JSON object.
func read(root, name string) (dotnet.Value, error) {
	text, err := os.ReadFile(filepath.Join(root, name))
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathError.Err
	}
	var value dotnet.Value
	if err == nil {
		value, err = dotnet.Read(text, dotnet.Options{})
	}
	if err != nil {
		return value, fmt.Errorf("%s: %w", name, err)
	}
	if value.Kind != dotnet.KindObject {
		return value, fmt.Errorf("%s: it must be a JSON object", name)
	}
	return value, nil
}
