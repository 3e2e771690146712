package app

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"whatsapp-functions/devhost/dotnet"
)

const settingsFile = "local.settings.json"

// Settings are the app settings of local.settings.json, which are environment
// variables in Azure. Without the file there are none.
type Settings map[string]string

func readSettings(root string, found *findings) (Settings, error) {
	settings := Settings{}
	file, err := read(root, settingsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return settings, nil
	}
	if err != nil {
		return nil, err
	}
	top := section{file: settingsFile, value: file, found: found}
	if top.bool("IsEncrypted", false) {
		return nil, fmt.Errorf("%s: IsEncrypted is true, and only func can decrypt it: run func settings decrypt", settingsFile)
	}
	values := top.section("Values")
	for _, field := range values.value.Fields {
		if field.Value.Kind != dotnet.KindNull {
			settings[field.Name] = values.string(field.Name, "")
		}
	}
	for _, field := range top.section("ConnectionStrings").value.Fields {
		value := field.Value
		if inner, ok := value.Fold("ConnectionString"); ok {
			value = inner
		}
		settings["ConnectionStrings:"+field.Name] = value.String()
	}
	return settings, found.err()
}

// configure merges the settings and the environment. As under func start, a
// variable that is not empty wins.
func (a *App) configure(environ []string) {
	a.configuration = map[string]string{}
	for name, value := range a.Settings {
		a.configuration[configurationKey(name)] = value
	}
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if key := configurationKey(name); value != "" || a.configuration[key] == "" {
			a.configuration[key] = value
		}
	}
}

// configurationKey returns the form of a setting's name that .NET compares: any
// case, and two underscores for a colon.
func configurationKey(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, "__", ":"))
}

// Setting returns the value of an app setting or environment variable.
func (a *App) Setting(name string) (string, bool) {
	value, ok := a.configuration[configurationKey(name)]
	return value, ok
}

// disabled reports whether a setting disables a function. Linux names have no
// dots.
func (a *App) disabled(function string) bool {
	for _, name := range []string{"AzureWebJobs." + function + ".Disabled", "AzureWebJobs_" + function + "_Disabled"} {
		if value, _ := a.Setting(name); value == "1" || strings.EqualFold(value, "true") {
			return true
		}
	}
	return false
}
