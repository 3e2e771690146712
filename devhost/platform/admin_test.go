package platform_test

import (
	"encoding/json/v2"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/platform"
)

func get(t *testing.T, url string) (status int, answer map[string]any, text string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal(body, &answer)
	return response.StatusCode, answer, string(body)
}

func TestHostStatus(t *testing.T) {
	t.Parallel()
	p, said := start(t, platform.Options{Folder: playApp(t, nil, nil)})
	status, answer, text := get(t, p.URL()+"/admin/host/status")
	if status != 200 || answer["state"] != "Running" || !strings.HasPrefix(answer["version"].(string), "4.") {
		t.Errorf("answer %d %s", status, text)
	}
	want := `[{"isDisabled":false,"name":"F","trigger":"eventGridTrigger"},{"isDisabled":false,"name":"M","trigger":"eventGridTrigger"}]`
	if status, _, text := get(t, p.URL()+"/admin/functions"); status != 200 || text != want {
		t.Errorf("answer %d %s", status, text)
	}
	for i := range 3 {
		said.Wait(t, started, i+1)
		deliver(t, p, "F", order{Exit: "7"})
	}
	said.Wait(t, "a new one starts", 1)
	if _, answer, text := get(t, p.URL()+"/admin/host/status"); answer["state"] != "Starting" {
		t.Error(text)
	}
}

// What a person types is handed over as Event Grid's events are, and once more
// as it was typed; on this way texts become dates.
func TestInput(t *testing.T) {
	t.Parallel()
	p, said := start(t, platform.Options{Folder: playApp(t, nil, nil)})
	input := `{"id":"1","eventTime":"2026-11-20T09:15:03.5Z","data":{"echo":true}}`
	body, err := json.Marshal(map[string]string{"input": input})
	if err != nil {
		t.Fatal(err)
	}
	if status, answer := post(t, p.URL()+"/admin/functions/F", nil, body); status != 202 {
		t.Fatalf("answer %d %s", status, answer)
	}
	said.Wait(t, "invocation succeeded", 1)
	var request struct {
		Data     struct{ Events map[string]any }
		Metadata map[string]any
	}
	if err := json.Unmarshal([]byte(queue(t, p)[1]), &request, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	if got := request.Data.Events["eventTime"]; got != "2026-11-20T09:15:03.5Z" {
		t.Errorf("eventTime is %v", got)
	}
	typed, _ := json.Marshal(input)
	if diff := cmp.Diff(string(typed), request.Metadata["events"]); diff != "" {
		t.Error(diff)
	}
}

// As on the real host, broken input is accepted, and only the log has its error.
func TestBrokenInput(t *testing.T) {
	t.Parallel()
	p, said := start(t, platform.Options{Folder: playApp(t, nil, nil)})
	for _, test := range []struct {
		function, body string
		status         int
		answer         string
	}{
		{"f", `{"input":"{}"}`, 404, "cannot find function: 'f'\n"},
		{"F", `{"inputs":"{}"}`, 202, ""},
		{"F", `{"input":{}}`, 202, ""},
		{"F", ``, 202, ""},
		{"F", `{"input":"hello"}`, 202, ""},
	} {
		if status, answer := post(t, p.URL()+"/admin/functions/"+test.function, nil, []byte(test.body)); status != test.status || answer != test.answer {
			t.Errorf("%s %s: answer %d %q", test.function, test.body, status, answer)
		}
	}
	said.Wait(t, "error devhost: /admin/functions/F: line 1", 1)
	said.Wait(t, "error devhost: /admin/functions/F: the invocation failed: the body must be", 3)
}

// Each attempt leaves a transcript that only its owner can read.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	p, said := start(t, platform.Options{Folder: playApp(t, nil, nil)})
	deliver(t, p, "M", order{Answer: `{"Outputs":{"queue":["a"],"blob":"/w==","table":["{\"PartitionKey\":\"p\",\"RowKey\":\"r\"}"]},"Logs":["it is done"]}`})
	deliver(t, p, "F", order{Status: 500, Answer: `{"Outputs":{"queue":["b"]}}`})
	said.Wait(t, "invocation failed: the handler answered 500", 1)
	last := p.Transcripts().Last(10)
	if len(last) != 2 {
		t.Fatal(last)
	}
	failed, good := last[0], last[1]
	if failed.Function != "F" || failed.Status != 500 || !strings.HasPrefix(failed.Error, "the handler answered 500") || failed.Outputs != nil || failed.Response != `{"Outputs":{"queue":["b"]}}` {
		t.Errorf("%+v", failed)
	}
	var written []string
	for _, output := range good.Outputs {
		for _, item := range output.Items {
			if output.Name == "blob" {
				item.Name = ""
			}
			written = append(written, strings.Join([]string{output.Name, output.Target, item.Name, item.Text.Text, item.Base64}, "|"))
		}
	}
	want := []string{`queue|queue my-queue||a|`, `table|table MyTable|p r|{"PartitionKey":"p","RowKey":"r"}|`, `blob|container my-blobs|||/w==`}
	if diff := cmp.Diff(want, written); diff != "" {
		t.Error(diff)
	}
	if good.Status != 200 || good.Error != "" || good.Took <= 0 || len(good.Logs) != 1 || good.Logs[0] != "it is done" ||
		!strings.Contains(string(good.Events), `"id": "0"`) || !strings.HasPrefix(good.Request, `{"Data":{"events":"[{`) || !strings.HasPrefix(good.Response, `{"Outputs"`) {
		t.Errorf("%+v", good)
	}
	found, err := p.Transcripts().Find(good.ID[:5])
	if err != nil || found.ID != good.ID {
		t.Errorf("found %s, %v", found.ID, err)
	}
	folder := filepath.Join(p.Data(), "invocations")
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, file := range append([]string{""}, files[0].Name(), files[1].Name()) {
		info, err := os.Stat(filepath.Join(folder, file))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v %v", file, info.Mode(), err)
		}
	}
}
