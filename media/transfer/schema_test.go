package transfer_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemas are the schemas of results by their types.
var schemas = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	all := map[string]*jsonschema.Schema{}
	for kind, name := range map[string]string{"conversation.media.stored.v1": "media-stored.v1.json", "conversation.media.failed.v1": "media-failed.v1.json"} {
		compiler := jsonschema.NewCompiler()
		compiler.AssertVocabs()
		compiler.AssertFormat()
		schema, err := compiler.Compile(filepath.Join("../../schema", name))
		if err != nil {
			return nil, err
		}
		all[kind] = schema
	}
	return all, nil
})

// checkSchema checks a result against the schema of its type.
func checkSchema(t testing.TB, text string) {
	t.Helper()
	all, err := schemas()
	if err != nil {
		t.Fatal(err)
	}
	schema := all[decode(t, text).Type]
	if schema == nil {
		t.Fatalf("a result of no known type: %s", text)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}
