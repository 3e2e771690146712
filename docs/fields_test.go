package docs

import (
	"encoding/json/v2"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFieldTables checks that the tables of docs/consume.md have all fields of
// the schemas, and no others.
func TestFieldTables(t *testing.T) {
	page := read(t, filepath.Join(repository, "docs/consume.md"))
	for name, headings := range map[string][]string{
		"message-received":   {"The envelope", "Fields of a message"},
		"message-status":     {"The envelope", "Fields of a status"},
		"messages-row":       {"Columns of Messages"},
		"message-status-row": {"Columns of MessageStatus"},
		"rejected-events":    {"Rejected events"},
		"contact-preference": {"The envelope", "Fields of a preference"},
		"channel-event":      {"The envelope", "Fields of a channel event"},
		"media-requested":    {"The envelope", "Fields of a media request"},
		"media-stored":       {"The envelope", "Fields of a stored file"},
		"media-failed":       {"The envelope", "Fields of a file that is not stored"},
	} {
		t.Run(name, func(t *testing.T) {
			documented := map[string]bool{}
			for _, heading := range headings {
				maps.Copy(documented, table(t, page, heading))
			}
			fields := schemaFields(t, name+".v1.json")
			if !strings.Contains(headings[0], "envelope") { // the other tables have no column "present"
				for field := range fields {
					fields[field] = false
				}
			}
			if diff := cmp.Diff(fields, documented); diff != "" {
				t.Errorf("schema (-), docs/consume.md (+):\n%s", diff)
			}
		})
	}
}

var code = regexp.MustCompile("`([^`]+)`")

// table returns the names in the first column of the table below a heading, and
// whether the second column is "always".
func table(t *testing.T, page, heading string) map[string]bool {
	t.Helper()
	_, section, found := strings.Cut(page, "# "+heading+"\n")
	if !found {
		t.Fatalf("no heading %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n#")
	names := map[string]bool{}
	for line := range strings.SplitSeq(section, "\n") {
		if cells := strings.Split(line, " | "); strings.HasPrefix(line, "| `") {
			for _, match := range code.FindAllStringSubmatch(cells[0], -1) {
				names[match[1]] = cells[1] == "always"
			}
		}
	}
	return names
}

// schema is what the test reads of a JSON Schema.
type schema struct {
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	Items      *schema            `json:"items"`
	Ref        string             `json:"$ref"`
	Defs       map[string]*schema `json:"$defs"`
}

// schemaFields returns the fields of a schema, as docs/consume.md names them
// (media.id, events[].reason, those of data without data), and whether they are
// required.
func schemaFields(t *testing.T, file string) map[string]bool {
	t.Helper()
	var root schema
	if err := json.Unmarshal([]byte(read(t, filepath.Join(repository, "schema", file))), &root); err != nil {
		t.Fatal(err)
	}
	fields := map[string]bool{}
	var add func(path string, required bool, s *schema)
	add = func(path string, required bool, s *schema) {
		if def, isRef := strings.CutPrefix(s.Ref, "#/$defs/"); isRef {
			s = root.Defs[def]
		}
		if s.Items != nil && s.Items.Ref != "" && path == "events" {
			path, s = path+"[]", root.Defs[strings.TrimPrefix(s.Items.Ref, "#/$defs/")]
		}
		if path == "data" {
			fields[path], path = required, ""
		}
		for name, field := range s.Properties {
			add(strings.TrimPrefix(path+"."+name, "."), required && slices.Contains(s.Required, name), field)
		}
		if s.Properties == nil {
			fields[path] = required
		}
	}
	add("", true, &root)
	delete(fields, "ETag") // for the output binding, not stored
	return fields
}
