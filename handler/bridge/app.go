package bridge

import (
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

// App is the functions of an app folder, each with what its function.json
// binds.
type App struct {
	functions map[string]*bound
	// Missing names the functions that have no folder, as when an app was
	// split in two.
	Missing []string
}

// bound is a function with its bindings.
type bound struct {
	Function
	trigger string
	outputs []string
}

// Open reads every function.json in the folders below root. All that is wrong
// with them is in the error, a line each.
func Open(root string, functions []Function) (*App, error) {
	folders, err := functionFolders(root)
	if err != nil {
		return nil, err
	}
	if len(folders) == 0 {
		return nil, fmt.Errorf("no folder with a %s in %s: set %s to the app's folder", functionFile, root, EnvAppRoot)
	}
	app := &App{functions: make(map[string]*bound, len(functions))}
	var wrong []error
	for _, folder := range folders {
		bound, err := open(root, folder, functions)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		app.functions[bound.Name()] = bound
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	for _, f := range functions {
		if _, ok := app.functions[f.Name()]; !ok {
			app.Missing = append(app.Missing, f.Name())
		}
	}
	return app, nil
}

// Functions are the names of the app's functions, in order.
func (a *App) Functions() []string {
	return slices.Sorted(maps.Keys(a.functions))
}

// functionFolders are the folders below root that have a function.json.
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

func open(root, folder string, functions []Function) (*bound, error) {
	file := filepath.Join(folder, functionFile)
	i := slices.IndexFunc(functions, func(f Function) bool { return f.Name() == folder })
	if i < 0 {
		return nil, fmt.Errorf("%s: no function of this name in the handler: it has %s", file, inQuotes(names(functions)))
	}
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	value, err := lenient.Parse(lenient.Clean(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w (comments are not taken)", file, err)
	}
	trigger, outputs, wrong := newConfig(value).check(functions[i])
	if len(wrong) > 0 {
		for i, err := range wrong {
			wrong[i] = fmt.Errorf("%s: %w", file, err)
		}
		return nil, errors.Join(wrong...)
	}
	return &bound{Function: functions[i], trigger: trigger, outputs: outputs}, nil
}

func names(functions []Function) []string {
	all := make([]string, len(functions))
	for i, f := range functions {
		all[i] = f.Name()
	}
	return all
}

// quoted lists words for a message.
func inQuotes(words []string) string {
	return "'" + strings.Join(words, "', '") + "'"
}
