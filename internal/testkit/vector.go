package testkit

import (
	"compress/gzip"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Vector is a recorded request and, if it was recorded, the answer.
type Vector struct {
	// Name is that of the file without its extension.
	Name    string `json:"-"`
	Request struct {
		Method  string            `json:"method"`
		Path    string            `json:"path"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	} `json:"request"`
	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    *string           `json:"body"`
	} `json:"expectedResponse"`
}

// ReadVectors reads the vectors of a folder of testdata/bridge, by their names.
// The test ends if there are not as many as expected.
func ReadVectors(t testing.TB, folder string, count int) []Vector {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(Root(t), "testdata/bridge", folder, "*.json"))
	Must(t, err)
	if len(files) != count {
		t.Fatalf("%d vectors in %s, want %d", len(files), folder, count)
	}
	all := make([]Vector, len(files))
	for i, file := range files {
		text, err := os.ReadFile(file)
		Must(t, err)
		Must(t, json.Unmarshal(text, &all[i]))
		all[i].Name = strings.TrimSuffix(filepath.Base(file), ".json")
	}
	return all
}

// ReadRecording reads the JSON values of a compressed file of testdata/host. The
// test ends if there are not as many as expected.
func ReadRecording[T any](t testing.TB, name string, count int) []T {
	t.Helper()
	file, err := os.Open(filepath.Join(Root(t), "testdata/host", name))
	Must(t, err)
	defer file.Close()
	content, err := gzip.NewReader(file)
	Must(t, err)
	var all []T
	decoder := jsontext.NewDecoder(content)
	for decoder.PeekKind() == jsontext.KindBeginObject {
		var value T
		Must(t, json.UnmarshalDecode(decoder, &value, json.MatchCaseInsensitiveNames(true)))
		all = append(all, value)
	}
	if len(all) != count {
		t.Fatalf("%d values in %s, want %d", len(all), name, count)
	}
	return all
}
