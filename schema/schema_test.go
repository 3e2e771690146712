// Package schema tests the schemas: on what the handler writes, and with the
// tools of other languages.
package schema

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"whatsapp-functions/internal/testkit"
)

const (
	goldens = "../handler/testdata/golden"
	media   = "../handler/testdata/media" // with the output mediaRequests
	samples = "../testdata/events"
	tools   = "../tools/schema"
)

// document is a value that a schema accepts or refuses.
type document struct {
	name   string
	schema string
	value  any
	// valid reports whether the schema must accept it. It is nil where only
	// the validators must agree.
	valid *bool
}

// schemaOf is the schema of each output of a golden file.
var schemaOf = map[string]string{
	"inboundMessages": "message-received.v1.json",
	"messages":        "messages-row.v1.json",
	"messageStatus":   "message-status-row.v1.json",
	"failedMessages":  "message-status.v1.json",
	"statusUpdates":   "message-status.v1.json",
	"rejected":        "rejected-events.v1.json",
	"preferences":     "contact-preference.v1.json",
	"channelEvents":   "channel-event.v1.json",
	"mediaRequests":   "media-requested.v1.json",
}

// written returns everything in the golden files, and the documents in testdata.
func written(t *testing.T) (documents []document) {
	t.Helper()
	var files []string
	for _, folder := range []string{goldens, media} {
		found, err := filepath.Glob(filepath.Join(folder, "*", "*.json"))
		if err != nil || len(found) == 0 {
			t.Fatal(folder, found, err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		var outputs map[string]any
		read(t, file, &outputs)
		for output, value := range outputs {
			values, isList := value.([]any)
			switch {
			case !isList:
				continue // the answer to a webhook
			case output == "rejected" && filepath.Base(filepath.Dir(file)) == "WebhookTrigger":
				values = []any{map[string]any{"function": "WebhookTrigger", "invocationId": "i", "events": values}}
			case output == "rejected":
				values = []any{rejectedEvents(t, file, values)}
			}
			for i, value := range values {
				name := fmt.Sprintf("%s of %s, %d", output, strings.TrimPrefix(file, "../handler/testdata"), i)
				documents = append(documents, document{name, schemaOf[output], value, new(true)})
			}
		}
	}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		var values []any
		read(t, file, &values)
		for i, value := range values {
			documents = append(documents, document{fmt.Sprintf("%s, %d", file, i), filepath.Base(file), value, new(true)})
		}
	}
	return documents
}

// rejectedEvents returns the blob for the rejections of a golden file, which
// has the number of each event instead of the event.
func rejectedEvents(t *testing.T, golden string, rejections []any) any {
	t.Helper()
	var sample any
	read(t, filepath.Join(samples, filepath.Base(golden)), &sample)
	events, isArray := sample.([]any)
	if !isArray {
		events = []any{sample}
	}
	for _, r := range rejections {
		rejection := r.(map[string]any)
		event := events[int(rejection["event"].(float64))]
		delete(rejection, "event")
		if _, isObject := event.(map[string]any); isObject {
			rejection["event"] = event
		} else {
			rejection["text"] = fmt.Sprint(event)
		}
		if _, written := rejection["written"]; !written {
			rejection["written"] = false
		}
	}
	return map[string]any{"function": filepath.Base(filepath.Dir(golden)), "invocationId": "i", "events": rejections}
}

func read(t *testing.T, file string, to any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, to, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// optional are the fields that a document may lack, in any schema or in one. Fields
// of raw and event are the provider's.
var optional = []string{
	"/time", "/traceparent", "/tracestate",
	"/data/eventId", "/data/messageId", "/data/receivedAt", "/data/replyBy", "/data/text", "/data/textCut", "/data/media",
	"/data/replyTo", "/data/button", "/data/choice", "/data/reaction", "/data/error", "/data/optOut", "/data/occurredAt",
	"/data/channel/id", "/data/from/phone", "/data/from/bsuid", "/data/to/phone", "/data/to/bsuid",
	"/data/media/id", "/data/media/mimeType", "/data/media/fileName", "/data/media/caption", "/data/media/animated",
	"/data/replyTo/messageId", "/data/replyTo/from", "/data/button/text", "/data/button/payload",
	"/data/choice/id", "/data/choice/title", "/data/choice/description", "/data/reaction/messageId", "/data/error/code", "/data/error/message",
	"/EventId", "/MessageId", "/Text", "/Caption", "/ButtonText", "/ButtonPayload", "/ChoiceId", "/ChoiceTitle", "/Reaction",
	"/ReactionToMessageId", "/Phone", "/Bsuid", "/ChannelId", "/ReceivedAt", "/ReplyBy", "/MediaId", "/MediaType", "/FileName",
	"/ReplyToMessageId", "/OptOut", "/Event", "/OccurredAt", "/ErrorCode", "/ErrorMessage",
	"/data/location", "/data/location/name", "/data/location/address", "/data/location/url", "/data/contacts", "/data/order",
	"/data/order/catalogId", "/data/order/text", "/data/system", "/data/system/type", "/data/system/text", "/data/system/phone",
	"/data/system/bsuid", "/data/edit", "/data/edit/messageId", "/data/revoke", "/data/revoke/messageId", "/data/referral",
	"/data/referral/sourceType", "/data/referral/sourceId", "/data/referral/sourceUrl", "/data/referral/headline",
	"/data/referral/body", "/data/referral/clickId", "/data/group", "/data/unsupported", "/data/omitted", "/data/media/sha256", "/data/media/voice",
	"/data/replyTo/forwarded", "/data/replyTo/forwardedManyTimes", "/data/replyTo/product", "/data/replyTo/product/catalogId",
	"/data/replyTo/product/productId", "/data/choice/response", "/data/callbackData", "/data/pricing", "/data/pricing/billable",
	"/data/pricing/category", "/data/pricing/model", "/data/pricing/type", "/data/participant", "/data/participant/phone",
	"/data/participant/bsuid", "/data/contact/phone", "/data/contact/bsuid", "/data/category", "/data/value", "/data/occurredAt",
	"/Latitude", "/Longitude", "/PlaceName", "/ContactNames", "/SystemType", "/TargetMessageId", "/ReferralSourceId",
	"/ReferralClickId", "/GroupId", "/data/media/blob", "/MediaBlob", "media-failed.v1.json/data/status",
}

// objects are the fields that may be any object, numbers those that may be any
// number.
var (
	objects = []string{"raw", "event", "response", "value"}
	numbers = []string{"latitude", "longitude", "Latitude", "Longitude"}
)

// mutants returns copies of a document with one change each: an unknown field,
// a field missing, or a field of another type, which the schema must refuse; an
// optional field missing, or, at the first documents with the field, another
// value, about which the validators must agree. seen counts those documents.
func mutants(t *testing.T, d document, seen map[string]int) (all []document) {
	t.Helper()
	isStatus := d.schema == "message-status.v1.json"
	mutate := func(what string, valid *bool, path []string, change func(parent map[string]any, field string)) {
		value := clone(t, d.value)
		parent := value.(map[string]any)
		for _, name := range path[:len(path)-1] {
			parent = parent[name].(map[string]any)
		}
		change(parent, path[len(path)-1])
		all = append(all, document{fmt.Sprintf("%s with %s %s", d.name, what, strings.Join(path, "/")), d.schema, value, valid})
	}
	var walk func(object map[string]any, path []string)
	walk = func(object map[string]any, path []string) {
		mutate("unknown field", new(false), append(slices.Clone(path), "surprise"), func(parent map[string]any, field string) { parent[field] = "x" })
		for field, value := range object {
			here := append(slices.Clone(path), field)
			required := new(false)
			if at := "/" + strings.Join(here, "/"); slices.Contains(optional, d.schema+at) || slices.Contains(optional, at) && !(isStatus && at == "/data/messageId") {
				required = nil
			}
			mutate("missing", required, here, func(parent map[string]any, field string) { delete(parent, field) })
			for _, wrong := range []any{nil, 1.5, map[string]any{"x": nil}, []any{"x"}} {
				_, isObject := wrong.(map[string]any)
				_, isNumber := wrong.(float64)
				if isObject && slices.Contains(objects, field) || isNumber && slices.Contains(numbers, field) {
					continue
				}
				mutate(fmt.Sprintf("%v as", wrong), new(false), here, func(parent map[string]any, field string) { parent[field] = wrong })
			}
			// More documents with this field would only repeat the comparison.
			place := d.schema + "/" + strings.Join(here, "/")
			others := []any{"", "x", "a|b", "10-x", "2026-11-20T09:15:03.0000000Z", "2026-13-20T09:15:03.0000000Z", "{é}", true, 20}
			if seen[place]++; seen[place] > 3 {
				others = nil
			}
			for _, other := range others {
				mutate(fmt.Sprintf("%q as", other), nil, here, func(parent map[string]any, field string) { parent[field] = other })
			}
			if inner, isObject := value.(map[string]any); isObject && !slices.Contains(objects, field) {
				walk(inner, here)
			}
		}
	}
	walk(d.value.(map[string]any), nil)
	return all
}

func clone(t *testing.T, value any) (copied any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &copied); err != nil {
		t.Fatal(err)
	}
	return copied
}

// files returns the names of the schemas.
func files(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("*.json")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// compile compiles all schemas, alone: none needs another file.
func compile(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	compiled := map[string]*jsonschema.Schema{}
	for _, name := range files(t) {
		compiler := jsonschema.NewCompiler()
		compiler.AssertVocabs()
		compiler.AssertFormat()
		compiler.UseLoader(jsonschema.SchemeURLLoader{})
		var schema any
		read(t, name, &schema)
		if err := compiler.AddResource(name, schema); err != nil {
			t.Fatal(err)
		}
		one, err := compiler.Compile(name)
		if err != nil {
			t.Fatal(err)
		}
		compiled[name] = one
	}
	return compiled
}

func TestSchemasAcceptWhatIsWrittenAndRefuseMutations(t *testing.T) {
	compiled := compile(t)
	documents := written(t)
	seen := map[string]int{}
	for _, d := range slices.Clone(documents) {
		documents = append(documents, mutants(t, d, seen)...)
	}
	verdicts := make([]string, len(documents))
	tried := map[string]int{}
	for i, d := range documents {
		err := compiled[d.schema].Validate(d.value)
		verdicts[i] = "accepted"
		if err != nil {
			verdicts[i] = "refused"
		}
		switch {
		case d.valid == nil:
			continue
		case *d.valid && err != nil:
			t.Errorf("%s: %v", d.name, err)
		case !*d.valid && err == nil:
			t.Errorf("%s passes %s", d.schema, d.name)
		}
		tried[d.schema]++
	}
	for _, name := range files(t) {
		if tried[name] < 500 {
			t.Errorf("%s was tried on %d documents only", name, tried[name])
		}
	}
	t.Run("ajv in strict mode and the CloudEvents SDK agree", func(t *testing.T) {
		for i, verdict := range check(t, documents) {
			d := documents[i]
			// The SDK has rules of its own, so only what is written must pass.
			if !(d.valid != nil && *d.valid) {
				verdict = strings.Replace(verdict, "refused by CloudEvents", "accepted", 1)
			}
			if verdict != verdicts[i] {
				t.Errorf("%s: %s by Node.js, %s by Go", d.name, verdict, verdicts[i])
			}
		}
	})
	t.Logf("%d documents and mutations: %v", len(documents), tried)
}

// check returns the verdicts of tools/schema/check.mjs.
func check(t *testing.T, documents []document) []string {
	t.Helper()
	var input bytes.Buffer
	for _, d := range documents {
		if err := json.MarshalWrite(&input, map[string]any{"schema": d.schema, "document": d.value}); err != nil {
			t.Fatal(err)
		}
		input.WriteByte('\n')
	}
	verdicts := strings.Fields(strings.ReplaceAll(string(node(t, &input, "check.mjs", ".")), " by CloudEvents", "_by_CloudEvents"))
	if len(verdicts) != len(documents) {
		t.Fatalf("%d verdicts for %d documents", len(verdicts), len(documents))
	}
	for i := range verdicts {
		verdicts[i] = strings.ReplaceAll(verdicts[i], "_", " ")
	}
	return verdicts
}

// node runs a script of tools/schema.
func node(t *testing.T, stdin *bytes.Buffer, script string, args ...string) []byte {
	t.Helper()
	if _, err := os.Stat(filepath.Join(tools, "node_modules")); err != nil {
		testkit.Skip(t, "the packages of tools/schema are not installed: make tools/schema/node_modules")
	}
	command := exec.CommandContext(t.Context(), "node", append([]string{filepath.Join(tools, script)}, args...)...)
	command.Stdin = stdin
	var stderr bytes.Buffer
	command.Stderr = &stderr
	stdout, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", script, err, &stderr)
	}
	return stdout
}

func TestGeneratedCodeHasTheEnvelope(t *testing.T) {
	var generated map[string]struct{ TypeScript, CSharp string }
	text := node(t, &bytes.Buffer{}, "generate.mjs", files(t)...)
	if err := json.Unmarshal(text, &generated, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	event := []string{"specversion", "type", "id", "source", "subject", "time", "datacontenttype", "data", "channel", "conversations", "raw"}
	row := []string{"ETag", "PartitionKey", "RowKey", "EventId", "Event"}
	for schema, fields := range map[string][]string{
		"message-received.v1.json":   append(slices.Clone(event), "from", "kind", "text", "caption", "emoji"),
		"message-status.v1.json":     append(slices.Clone(event), "to", "status", "failure", "advice"),
		"messages-row.v1.json":       append(slices.Clone(row), "Kind", "Caption", "ReplyBy"),
		"message-status-row.v1.json": append(slices.Clone(row), "Status", "Rank"),
		"contact-preference.v1.json": {"specversion", "data", "contact", "category", "value", "occurredAt", "raw"},
		"channel-event.v1.json":      {"specversion", "data", "field", "value"},
		"media-requested.v1.json":    {"specversion", "data", "channel", "media", "mimeType", "sha256", "fileName", "blob"},
		"media-stored.v1.json":       {"specversion", "data", "channel", "media", "container", "blob", "size", "sha256", "mimeType"},
		"media-failed.v1.json":       {"specversion", "data", "channel", "media", "blob", "reason", "detail", "status"},
		"rejected-events.v1.json":    {"function", "invocationId", "events", "reason", "detail", "written", "event", "text"},
	} {
		code := generated[schema]
		delete(generated, schema)
		for _, field := range fields {
			if !strings.Contains(code.TypeScript, "\n  "+field+":") && !strings.Contains(code.TypeScript, "\n  "+field+"?:") {
				t.Errorf("TypeScript from %s lacks %s:\n%s", schema, field, code.TypeScript)
			}
			if !strings.Contains(code.CSharp, `[JsonPropertyName("`+field+`")]`) {
				t.Errorf("C# from %s lacks %s:\n%s", schema, field, code.CSharp)
			}
		}
	}
	if len(generated) > 0 {
		t.Errorf("not checked: %v", slices.Collect(maps.Keys(generated)))
	}
}
