package app

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"whatsapp-functions/devhost/dotnet"
)

// overridePrefix starts the settings that replace a value of host.json, such as
// AzureFunctionsJobHost__extensions__queues__messageEncoding.
const overridePrefix = "azurefunctionsjobhost:"

// override replaces values of host.json.
func override(host dotnet.Value, configuration map[string]string) dotnet.Value {
	for _, key := range slices.Sorted(maps.Keys(configuration)) {
		if path, ok := strings.CutPrefix(key, overridePrefix); ok && path != "" {
			host = set(host, strings.Split(path, ":"), configuration[key])
		}
	}
	return host
}

// set returns a value with a string at a path of field names and indexes.
func set(value dotnet.Value, path []string, text string) dotnet.Value {
	if len(path) == 0 {
		return dotnet.NewString(text)
	}
	index, err := strconv.ParseUint(path[0], 10, 16)
	if err == nil && value.Kind != dotnet.KindObject {
		items := slices.Clone(value.Items)
		i := min(int(index), len(items))
		if i == len(items) {
			items = append(items, dotnet.Value{})
		}
		items[i] = set(items[i], path[1:], text)
		return dotnet.NewArray(items...)
	}
	fields := slices.Clone(value.Fields)
	i := slices.IndexFunc(fields, func(f dotnet.Field) bool { return strings.EqualFold(f.Name, path[0]) })
	if i < 0 {
		i = len(fields)
		fields = append(fields, dotnet.Field{Name: path[0]})
	}
	fields[i].Value = set(fields[i].Value, path[1:], text)
	return dotnet.NewObject(fields...)
}
