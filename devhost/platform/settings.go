package platform

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

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/mediaserver"
)

// SettingsFile lists the names of the app's own settings, below its folder. The
// file is optional.
const SettingsFile = "infra/settings.json"

// handlerEnviron returns the environment of an app's handler: with the media
// endpoints of devhost, unless devhost's own environment has others, and with the
// address of the storage account in settings that name development storage.
func (p *Platform) handlerEnviron(a *app.App) []string {
	own := host.NewEnvironment(p.options.Environ, nil, nil)
	environ := slices.Clone(p.options.Environ)
	for _, setting := range mediaserver.Environ(p.URL()) {
		if name, _, _ := strings.Cut(setting, "="); own[name] == "" {
			environ = append(environ, setting)
		}
	}
	for name, value := range host.NewEnvironment(p.options.Environ, a.Settings, nil) {
		if isDevelopmentStorage(value) {
			environ = append(environ, name+"="+p.connection)
		}
	}
	return environ
}

// checkSettings returns a warning for each setting or variable that has the
// prefix of a known setting, such as HANDLER_, but is not known itself.
func checkSettings(a *app.App, environ []string) (warnings []string, err error) {
	content, err := os.ReadFile(filepath.Join(a.Root, SettingsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var known []string
	if err == nil {
		err = json.Unmarshal(content, &known)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", SettingsFile, err)
	}
	for _, name := range slices.Sorted(maps.Keys(host.NewEnvironment(environ, a.Settings, nil))) {
		prefix, _, ok := strings.Cut(name, "_")
		if !ok || slices.Contains(known, name) || !slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(k, prefix+"_") }) {
			continue
		}
		nearest := slices.MinFunc(known, func(a, b string) int { return distance(a, name) - distance(b, name) })
		warnings = append(warnings, fmt.Sprintf("the setting %s is unknown and has no effect: did you mean %s?", name, nearest))
	}
	return warnings, nil
}

// distance returns the number of insertions, deletions and replacements that
// make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := before
			if a[i] != b[j] {
				replaced++
			}
			before = row[j+1]
			row[j+1] = min(replaced, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}
