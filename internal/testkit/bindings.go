package testkit

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"slices"
	"testing"
)

// WithBinding appends a binding, a JSON object, to a function's bindings.
func WithBinding(function, binding string) Edit {
	return editBindings(function, func(t testing.TB, bindings []jsontext.Value) []jsontext.Value {
		return append(bindings, jsontext.Value(binding))
	})
}

// WithoutBinding removes the binding of that name, which must be there.
func WithoutBinding(function, name string) Edit {
	return editBindings(function, func(t testing.TB, bindings []jsontext.Value) []jsontext.Value {
		t.Helper()
		kept := slices.DeleteFunc(slices.Clone(bindings), func(binding jsontext.Value) bool {
			var named struct {
				Name string `json:"name"`
			}
			if err := json.Unmarshal(binding, &named); err != nil {
				t.Fatal(err)
			}
			return named.Name == name
		})
		if len(kept) != len(bindings)-1 {
			t.Fatalf("%d bindings of %s are called %s", len(bindings)-len(kept), function, name)
		}
		return kept
	})
}

// editBindings changes the bindings in a function's function.json.
func editBindings(function string, edit func(testing.TB, []jsontext.Value) []jsontext.Value) Edit {
	return func(t testing.TB, files map[string]string) {
		t.Helper()
		file := function + "/function.json"
		var content struct {
			Bindings []jsontext.Value `json:"bindings"`
		}
		if err := json.Unmarshal([]byte(files[file]), &content, json.RejectUnknownMembers(true)); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		content.Bindings = edit(t, content.Bindings)
		text, err := json.Marshal(content, jsontext.WithIndent("  "))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		files[file] = string(text) + "\n"
	}
}
