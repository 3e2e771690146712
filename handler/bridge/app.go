package bridge

import (
	"encoding/json/v2"
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
	files, err := fs.Glob(os.DirFS(root), "*/"+functionFile)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no folder with a %s in %s: set %s to the app's folder", functionFile, root, EnvAppRoot)
	}
	app := &App{functions: make(map[string]*bound, len(functions))}
	var wrong []error
	for _, file := range files {
		bound, err := open(root, file, functions)
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

func open(root, file string, functions []Function) (*bound, error) {
	folder := filepath.Dir(file)
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
	var config config
	// The host takes names in any case.
	if err := json.Unmarshal([]byte(value), &config, lenient.Options(), json.MatchCaseInsensitiveNames(true)); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	trigger, outputs, wrong := config.check(functions[i])
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
