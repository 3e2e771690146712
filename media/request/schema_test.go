package request_test

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"whatsapp-functions/handler/quoted"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/media/request"
)

// goldens are the outcomes of samples in the first app, with their requests.
const goldens = "../../handler/testdata/media/*/*.json"

// The app reads every request that the first app writes, and its results for it follow
// their schemas.
func TestRequestsOfTheFirstApp(t *testing.T) {
	stored, failed := schemaOf(t, "media-stored.v1.json"), schemaOf(t, "media-failed.v1.json")
	files, err := filepath.Glob(goldens)
	testkit.Must(t, err)
	requests := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		testkit.Must(t, err)
		var golden struct {
			MediaRequests []jsontext.Value `json:"mediaRequests"`
		}
		testkit.Must(t, json.Unmarshal(text, &golden, jsontext.AllowDuplicateNames(true)))
		for _, message := range golden.MediaRequests {
			requests++
			r, err := request.Decode(string(message))
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			check(t, stored, func(to *quoted.Text) {
				r.WriteStored(to, request.Stored{Container: "media", Size: 3, SHA256: hash, MIMEType: "image/jpeg", Modified: time.Unix(1, 0)})
			})
			for _, failure := range []request.Failure{
				{Reason: request.Gone, Detail: "d", Status: 404}, {Reason: request.TooLarge, Detail: "d"},
				{Reason: request.Forbidden, Detail: "d", Status: 403}, {Reason: request.Mismatch, Detail: "d"},
			} {
				check(t, failed, func(to *quoted.Text) { r.WriteFailed(to, &failure) })
			}
		}
	}
	if requests < 20 {
		t.Errorf("only %d requests in %s", requests, goldens)
	}
}

func schemaOf(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertVocabs()
	compiler.AssertFormat()
	schema, err := compiler.Compile(filepath.Join("../../schema", name))
	testkit.Must(t, err)
	return schema
}

// check checks a result against its schema.
func check(t *testing.T, schema *jsonschema.Schema, write func(to *quoted.Text)) {
	t.Helper()
	var to quoted.Text
	write(&to)
	text, err := jsontext.AppendUnquote(nil, `"`+string(to.Bytes())+`"`)
	testkit.Must(t, err)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	testkit.Must(t, err)
	if err := schema.Validate(value); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}
