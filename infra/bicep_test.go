package infra

import (
	"encoding/json/v2"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
)

// bicep is what tools/bicep/read.mjs reads of a Bicep file.
type bicep struct {
	Errors       []string      `json:"errors"`
	Declarations []declaration `json:"declarations"`
}

// declaration is a parameter, variable, resource, module or output. A nested
// resource has the name parent::name.
type declaration struct {
	Kind       string           `json:"kind"`
	Name       string           `json:"name"`
	Type       string           `json:"type"`
	Existing   bool             `json:"existing"`
	Condition  string           `json:"condition"`
	For        string           `json:"for"`
	Decorators map[string][]any `json:"decorators"`
	Value      any              `json:"value"`
}

// find returns the declaration of a name, or an empty one.
func (b bicep) find(name string) declaration {
	for _, d := range b.Declarations {
		if d.Name == name {
			return d
		}
	}
	return declaration{}
}

// ofType returns the resources of a type, without its version.
func (b bicep) ofType(name string) (found []declaration) {
	for _, d := range b.Declarations {
		if kind, _, _ := strings.Cut(d.Type, "@"); d.Kind == "resource" && kind == name {
			found = append(found, d)
		}
	}
	return found
}

// at returns the value at a path of property names separated by "/", or nil.
// It looks into the body of a loop and into the last argument of union.
func at(value any, path string) any {
	for key := range strings.SplitSeq(path, "/") {
		object, _ := body(value).(map[string]any)
		value = object[key]
	}
	return body(value)
}

func body(value any) any {
	object, _ := value.(map[string]any)
	if each, ok := object["each"]; ok {
		return each
	}
	if args, ok := object["args"].([]any); ok && object["call"] == "union" {
		return args[len(args)-1]
	}
	return value
}

// source returns a value as Bicep source: an expression, or a literal.
func source(value any) string {
	switch v := value.(type) {
	case map[string]any:
		text, _ := v["expression"].(string)
		return text
	case string:
		return "'" + v + "'"
	case nil:
		return ""
	default:
		return fmt.Sprint(v)
	}
}

// text returns the source of the value at a path.
func (d declaration) text(path string) string {
	return source(at(d.Value, path))
}

// literal returns the value of a variable that is a string without expressions.
func (d declaration) literal() string {
	text, _ := d.Value.(string)
	return text
}

// param returns the source of a parameter of a module, with the call around it.
func (d declaration) param(name string) string {
	params, _ := at(d.Value, "params").(map[string]any)
	return source(params[name])
}

// source returns the source of a property, with the call or loop around it.
func (d declaration) source(property string) string {
	object, _ := d.Value.(map[string]any)
	return source(object[property])
}

// walk calls visit for a value and everything in it, with the name of the
// property that holds it. It goes into loops and calls.
func walk(key string, value any, visit func(key string, value any)) {
	visit(key, value)
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			walk(key, item, visit)
		}
	case map[string]any:
		for name, item := range v {
			if _, ok := v["expression"]; ok {
				name = key
			}
			walk(name, item, visit)
		}
	}
}

// readBicep parses Bicep sources, in their order.
func readBicep(t *testing.T, sources ...string) []bicep {
	t.Helper()
	if _, err := os.Stat(filepath.Join(repository, "tools/bicep/node_modules")); err != nil {
		testkit.Skip(t, "the Bicep reader is not installed: make tools/bicep/node_modules")
	}
	folder := t.TempDir()
	args := []string{filepath.Join(repository, "tools/bicep/read.mjs")}
	for i, source := range sources {
		file := filepath.Join(folder, fmt.Sprintf("%d.bicep", i))
		if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	output, err := exec.Command("node", args...).Output()
	if err != nil {
		t.Fatalf("node tools/bicep/read.mjs: %v", err)
	}
	var files map[string]bicep
	if err := json.Unmarshal(output, &files); err != nil {
		t.Fatal(err)
	}
	read := make([]bicep, len(sources))
	for i := range sources {
		read[i] = files[args[i+1]]
	}
	return read
}

func TestSyntaxErrorsAreFound(t *testing.T) {
	all := readProject(t, repository)
	edits := map[string]struct{ old, new string }{
		"a misspelt keyword":         {"resource logs ", "resourc logs "},
		"= instead of :":             {"  location: location\n", "  location = location\n"},
		"a missing colon":            {"  sku: {", "  sku {"},
		"an unterminated string":     {"kind: 'web'", "kind: 'web"},
		"an extra brace":             {"\nresource logs ", "\n}\nresource logs "},
		"a parameter without a type": {"param app string", "param app"},
	}
	var names, sources []string
	for name, edit := range edits {
		names = append(names, name)
		sources = append(sources, replace(t, all.text[mainFile], edit.old, edit.new))
	}
	for i, file := range readBicep(t, sources...) {
		if len(file.Errors) == 0 {
			t.Errorf("%s: no error", names[i])
		}
	}
}
