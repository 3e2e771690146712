package examples

import (
	"encoding/json/v2"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The consumer in C# cannot be compiled where there is no .NET SDK. Its fields must
// be those of the schema.
func TestDotnetFieldsAreInTheSchema(t *testing.T) {
	code, err := os.ReadFile("dotnet/Contract.cs")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join("..", "schema/message-received.v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	// object is the names of an object's fields, and of those that it always has.
	type object struct{ fields, required []string }
	var objects []object
	var visit func(any)
	visit = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			if properties, ok := value["properties"].(map[string]any); ok {
				o := object{fields: slices.Collect(maps.Keys(properties))}
				names, _ := value["required"].([]any)
				for _, name := range names {
					o.required = append(o.required, name.(string))
				}
				objects = append(objects, o)
			}
			for _, item := range value {
				visit(item)
			}
		case []any:
			for _, item := range value {
				visit(item)
			}
		}
	}
	visit(schema)
	records := regexp.MustCompile(`(?s)record (\w+)\((.*?)\);`).FindAllStringSubmatch(string(code), -1)
	if len(records) < 8 {
		t.Fatalf("Contract.cs has only %d records", len(records))
	}
	for _, record := range records {
		var fields, required []string
		for _, field := range regexp.MustCompile(`[\w?<>]+ (\w+)( = \w+)?(?:,|$)`).FindAllStringSubmatch(record[2], -1) {
			name := strings.ToLower(field[1][:1]) + field[1][1:]
			fields = append(fields, name)
			if field[2] == "" {
				required = append(required, name)
			}
		}
		if len(fields) == 0 || !slices.ContainsFunc(objects, func(o object) bool { return contains(o.fields, fields) && contains(o.required, required) }) {
			t.Errorf("no object of the schema has all fields %v of %s, and always those without a default: %v", fields, record[1], required)
		}
	}
}

func contains(all, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}
