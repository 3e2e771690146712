package bridge

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/storage"
)

// vector is a case of testdata/bridge/outputs.json: what the
// host's libraries made of an output's value.
type vector struct {
	Value         string         `json:"outputValueJson"`
	Type          string         `json:"clrType"`
	QueueMessages jsontext.Value `json:"queueMessages"`
	BlobContent   *string        `json:"blobContent"`
	TableRows     jsontext.Value `json:"tableRows"`
	Effect        string         `json:"effect"`
}

func vectors(t *testing.T) []vector {
	t.Helper()
	text, err := os.ReadFile("../../testdata/bridge/outputs.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 31 {
		t.Fatalf("%d vectors", len(all))
	}
	return all
}

const fails = "FAILS"

// hex is the form in which the vectors write binary data.
func hex(content []byte) string {
	for _, c := range content {
		if c < ' ' && c != '\n' || c >= 0x7f {
			return "hex:" + strings.ReplaceAll(fmt.Sprintf("% X", content), " ", "-")
		}
	}
	return string(content)
}

func TestOutputVectors(t *testing.T) {
	for i, v := range vectors(t) {
		t.Run(fmt.Sprint(i, " ", v.Value), func(t *testing.T) {
			answer, err := ReadAnswer(200, "application/json", []byte(`{"Outputs":{"o":`+v.Value+`}}`))
			if err != nil {
				t.Fatal(err)
			}
			value := answer.Outputs[0].Value
			if v.Effect != "" {
				if value.Kind != dotnet.KindNull {
					t.Errorf("the output is not skipped: %+v", value)
				}
				return
			}
			c := newContent(value, "")
			if got := clrType(c); got != v.Type {
				t.Errorf("type %s, want %s", got, v.Type)
			}
			if v.QueueMessages != nil {
				checkQueue(t, v, c)
			}
			if v.BlobContent != nil {
				checkBlob(t, v, c)
			}
			if v.TableRows != nil {
				checkTable(t, v, c)
			}
			if v.QueueMessages == nil && v.BlobContent == nil && v.TableRows == nil {
				t.Error("the vector expects nothing")
			}
		})
	}
}

func clrType(c content) string {
	if c.isBytes {
		return "Byte[]"
	}
	return map[dotnet.Kind]string{
		dotnet.KindString: "String", dotnet.KindObject: "JObject", dotnet.KindArray: "JArray", dotnet.KindInteger: "Int64",
		dotnet.KindFloat: "Double", dotnet.KindBool: "Boolean", dotnet.KindDate: "DateTime",
	}[c.value.Kind]
}

func checkQueue(t *testing.T, v vector, c content) {
	t.Helper()
	items, err := c.items()
	if v.QueueMessages.Kind() == jsontext.KindString {
		if err == nil || !strings.HasPrefix(text(v.QueueMessages), fails) {
			t.Errorf("queue: %v, want %s", err, v.QueueMessages)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	want := []string{}
	if err := json.Unmarshal(v.QueueMessages, &want); err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, item := range items {
		got = append(got, hex(item))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("queue: %s", diff)
	}
}

func checkBlob(t *testing.T, v vector, c content) {
	t.Helper()
	got, err := c.blob()
	if strings.HasPrefix(*v.BlobContent, fails) {
		if err == nil {
			t.Errorf("blob: got %q, want an error", got)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*v.BlobContent, hex(got)); diff != "" {
		t.Errorf("blob: %s", diff)
	}
}

func checkTable(t *testing.T, v vector, c content) {
	t.Helper()
	var got []map[string]string
	items, err := c.items()
	for _, item := range items {
		var change storage.Change
		if change, err = newChange(item, "", ""); err != nil {
			break
		}
		row := map[string]string{"PartitionKey": "String: " + change.Row.PartitionKey, "RowKey": "String: " + change.Row.RowKey}
		for _, column := range change.Row.Columns {
			value := fmt.Sprint(column.Value)
			if column.Type == storage.Boolean {
				value = strings.ToUpper(value[:1]) + value[1:]
			}
			row[column.Name] = strings.TrimPrefix(string(column.Type), "Edm.") + ": " + value
		}
		got = append(got, row)
	}
	var want []map[string]string
	fails := json.Unmarshal(v.TableRows, &want) != nil // it is a string then
	for _, row := range want {
		for name, value := range row {
			if value == "(null)" { // such a column is left out
				delete(row, name)
			}
		}
		// The vectors show the properties before keys are checked.
		fails = fails || !strings.HasPrefix(row["PartitionKey"], "String: ")
	}
	if fails {
		if err == nil {
			t.Errorf("table: got %v, want %s", got, v.TableRows)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table: %s", diff)
	}
}

func text(value jsontext.Value) string {
	unquoted, _ := jsontext.AppendUnquote(nil, value)
	return string(unquoted)
}
