package app

import (
	"errors"
	"fmt"
	"io/fs"

	"whatsapp-functions/devhost/dotnet"
)

const settingsFile = "local.settings.json"

// Settings are the app settings of local.settings.json, which in Azure are
// environment variables. An app without the file has none.
type Settings map[string]string

func readSettings(root string, notes *notes) (Settings, error) {
	settings := Settings{}
	file, err := read(root, settingsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return settings, nil
	}
	if err != nil {
		return nil, err
	}
	top := newSection(settingsFile, file, notes)
	if top.truth("IsEncrypted", false) {
		return nil, fmt.Errorf("%s: IsEncrypted is true: only func can read it; run func settings decrypt", settingsFile)
	}
	for _, m := range top.in("Values").value.Fields {
		if m.Value.Kind == dotnet.KindNull {
			continue
		}
		settings[m.Name] = top.in("Values").text(m.Name, "")
	}
	for _, m := range top.in("ConnectionStrings").value.Fields {
		value := m.Value
		if inner, ok := value.Fold("ConnectionString"); ok {
			value = inner
		}
		settings["ConnectionStrings:"+m.Name] = value.String()
	}
	return settings, notes.err()
}
