package testcase

import (
	"encoding/json/jsontext"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/storage"
)

func item(text string) history.Item {
	return history.Item{Name: "some-name", Text: storage.NewText([]byte(text))}
}

func made(id, failure string, outputs map[string][]string) history.Transcript {
	t := history.Transcript{ID: id, Error: failure}
	for name, texts := range outputs {
		output := history.TranscriptOutput{Name: name}
		for _, text := range texts {
			output.Items = append(output.Items, item(text))
		}
		t.Outputs = append(t.Outputs, output)
	}
	return t
}

func TestDiff(t *testing.T) {
	then := New("F", nil, made("id-1", "", map[string][]string{
		"queue": {`{"a":1,"b":{"c":[1,2],"d":"x"}}`, "plain"},
		"blob":  {`{"invocationId":"id-1"}`},
		"gone":  {"x"},
	}))
	same := New("F", nil, made("id-2", "", map[string][]string{
		"queue": {`{"b":{"d":"x","c":[1,2]}, "a":1.0}`, "plain"},
		"blob":  {`{"invocationId":"id-2"}`},
		"gone":  {"x"},
	}))
	if diff := then.Diff(same); diff != nil {
		t.Errorf("%q", diff)
	}
	other := New("F", nil, made("id-3", "id-3 is broken", map[string][]string{
		"queue": {`{"a":"1","b":{"c":[1,3],"e":"x"}}`, "plainer", "\xff"},
		"blob":  {`[]`},
	}))
	want := []string{
		`error: "", now "00000000-0000-0000-0000-000000000000 is broken"`,
		`blob[0]: {"invocationId":"00000000-0000-0000-0000-000000000000"}, now "[]"`,
		`gone[0]: "x", now nothing`,
		`queue[0].a: 1, now "1"`,
		`queue[0].b.c[1]: 2, now 3`,
		`queue[0].b.d: "x", now absent`,
		`queue[0].b.e: absent, now "x"`,
		`queue[1]: "plain", now "plainer"`,
		`queue[2]: nothing, now "/w=="`,
	}
	if diff := cmp.Diff(want, then.Diff(other)); diff != "" {
		t.Error(diff)
	}
}

// Single events run at once; in what order they end does not matter.
func TestOrderOfInvocations(t *testing.T) {
	a := made("1", "", map[string][]string{"queue": {"a"}})
	b := made("2", "", map[string][]string{"queue": {"b"}})
	if diff := New("F", nil, a, b).Diff(New("F", nil, b, a)); diff != nil {
		t.Errorf("%q", diff)
	}
}

func TestReadAndWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cases", "one.json")
	c := New("F", jsontext.Value(`[{"a":"\ud800"}]`), made("1", "it failed", map[string][]string{"queue": {`{"z":1,"a":2}`, "text"}}))
	if err := c.Write(file); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	read, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := c.Diff(read); diff != nil {
		t.Errorf("%q", diff)
	}
	if err := read.Events.Compact(); err != nil || string(read.Events) != string(c.Events) || read.Function != "F" {
		t.Errorf("%s %v", read.Events, err)
	}
	for _, text := range []string{`{}`, `{"function":"F"}`, `{"function":"F","events":[],"more":1}`, `[`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := Read(file); err == nil {
			t.Errorf("%s is a case: %+v", text, c)
		}
	}
}
