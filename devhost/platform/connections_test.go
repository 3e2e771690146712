package platform_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/internal/testkit/azuritetest"
)

// connection gives the queue another connection.
func connection(name string) func(file, text string) string {
	return func(_, text string) string {
		return strings.Replace(text, `"queueName":"my-queue","connection":"AzureWebJobsStorage"`, `"queueName":"my-queue","connection":"`+name+`"`, 1)
	}
}

func TestConnections(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]map[string]string{
		"Mine":    {"Mine": "UseDevelopmentStorage=true"},
		"Own":     {"AzureWebJobsOwn": "UseDevelopmentStorage=true"},
		"Third":   {"ConnectionStrings:Third": "UseDevelopmentStorage=true"},
		"Fourth":  {"ConnectionStrings:AzureWebJobsFourth": "UseDevelopmentStorage=true"},
		"Storage": nil, // AzureWebJobsStorage
		"":        nil,
	} {
		t.Run(name, func(t *testing.T) {
			p, said := start(t, platform.Options{Folder: playApp(t, settings, connection(name))})
			if status, _ := deliver(t, p, "F", order{Answer: `{"Outputs":{"queue":["a"]}}`}); status != 202 {
				t.Errorf("answer %d:\n%s", status, said)
			}
		})
	}
}

// A connection that leads nowhere is warned of, and fails what needs it.
func TestMissingConnection(t *testing.T) {
	t.Parallel()
	p, said := start(t, platform.Options{Folder: playApp(t, nil, connection("Gone"))})
	said.Wait(t, `warn devhost: F/function.json: output queue: connection "Gone": there is no setting Gone or AzureWebJobsGone, and no connection string of that name: every invocation that writes it fails`, 1)
	if status, _ := deliver(t, p, "F", order{Answer: `{"Outputs":{"queue":["a"]}}`}); status != 500 {
		t.Errorf("answer %d", status)
	}
	if status, _ := deliver(t, p, "F", order{Answer: `{"Outputs":{"blob":"a"}}`}); status != 202 {
		t.Errorf("answer %d", status)
	}
}

func TestConnectionByIdentity(t *testing.T) {
	t.Parallel()
	emulator := azuritetest.Start(t, azurite.Options{}).Connection
	for _, setting := range []string{"Mine__accountName", "Mine:queueServiceUri", "AzureWebJobsMine__credential"} {
		folder := playApp(t, map[string]string{setting: "x"}, connection("Mine"))
		p, said := start(t, platform.Options{Folder: folder})
		said.Wait(t, "warn devhost: F/function.json: output queue: the connection Mine uses a managed identity, which exists only in Azure: the output goes to embedded storage", 1)
		if status, _ := deliver(t, p, "F", order{Answer: `{"Outputs":{"queue":["a"]}}`}); status != 202 || len(queue(t, p)) != 1 {
			t.Errorf("answer %d:\n%s", status, said)
		}
		p.Stop()
		_, err := platform.Start(t.Context(), platform.Options{Folder: folder, Address: "127.0.0.1:0", Environ: os.Environ(), Storage: emulator})
		want := "F/function.json: output queue: " + strings.ReplaceAll(setting, ":", "__") + ": the connection uses a managed identity, which exists only in Azure: set a connection string, such as UseDevelopmentStorage=true"
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// A queue trigger's connection by identity is read from embedded storage.
func TestTriggerByIdentity(t *testing.T) {
	t.Parallel()
	folder := playApp(t, map[string]string{"Mine__queueServiceUri": "x"}, nil)
	testkit.Must(t, os.WriteFile(filepath.Join(folder, "F", "function.json"), []byte(`{"bindings":[{"type":"queueTrigger","direction":"in","name":"item","queueName":"in-queue","connection":"Mine"}]}`), 0o600))
	p, said := start(t, platform.Options{Folder: folder})
	said.Wait(t, "warn devhost: F/function.json: trigger item: the connection Mine uses a managed identity, which exists only in Azure: the messages come from embedded storage", 1)
	testkit.Must(t, p.Storage().Enqueue(t.Context(), "in-queue", []byte("{}")))
	testkit.WaitUntil(t, "the message is deleted", func() bool {
		count, err := p.Storage().Count(t.Context(), storage.Queues, "in-queue", 1)
		return err == nil && count == 0
	})
	p.Stop()
	_, err := platform.Start(t.Context(), platform.Options{Folder: folder, Address: "127.0.0.1:0", Environ: os.Environ(), Storage: azuritetest.Start(t, azurite.Options{}).Connection})
	if want := "F/function.json: trigger item: Mine__queueServiceUri: " + app.ErrIdentity.Error(); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestStorageBySetting(t *testing.T) {
	t.Parallel()
	settings := map[string]string{"Emulator": azuritetest.Start(t, azurite.Options{}).Connection}
	p, _ := start(t, platform.Options{Folder: playApp(t, settings, nil), Storage: "Emulator"})
	if status, _ := deliver(t, p, "F", order{Answer: `{"Outputs":{"queue":["a"]}}`}); status != 202 {
		t.Errorf("answer %d", status)
	}
	if got := queue(t, p); len(got) != 1 || got[0] != "a" {
		t.Errorf("the queue holds %q", got)
	}
	if last := p.Transcripts().Last(1); len(last) != 1 {
		t.Errorf("%+v", last)
	}
}

func TestStorageThatIsNone(t *testing.T) {
	t.Parallel()
	nobody := "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5"
	for _, service := range []string{"Blob", "Queue", "Table"} {
		nobody += ";" + service + "Endpoint=http://127.0.0.1:1/a"
	}
	for storage, want := range map[string]string{
		"Nowhere": `storage: "Nowhere" is neither "embedded", nor a connection string, nor the name of a setting`,
		nobody:    "storage at 127.0.0.1:1: connect: connection refused",
	} {
		folder := playApp(t, nil, nil)
		_, err := platform.Start(t.Context(), platform.Options{Folder: folder, Address: "127.0.0.1:0", Environ: os.Environ(), Storage: storage})
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// What goes somewhere else than to storage is only recorded.
func TestRecordedOutputs(t *testing.T) {
	t.Parallel()
	p, said := start(t, platform.Options{Folder: playApp(t, nil, func(_, text string) string {
		return strings.Replace(text, `{"type":"queue","direction":"out","name":"queue","queueName":"my-queue",`, `{"type":"serviceBus","direction":"out","name":"queue","queueName":"my-queue",`, 1)
	})})
	said.Wait(t, `warn devhost: F/function.json: bindings[1].type is "serviceBus": devhost records what it would send, and sends nothing`, 1)
	if status, _ := deliver(t, p, "F", order{Answer: `{"Outputs":{"queue":["a","b"]}}`}); status != 202 {
		t.Errorf("answer %d:\n%s", status, said)
	}
	if got := queue(t, p); len(got) != 0 {
		t.Errorf("the queue holds %q", got)
	}
	last := p.Transcripts().Last(1)
	if len(last) != 1 || len(last[0].Outputs) != 1 {
		t.Fatalf("%+v", last)
	}
	if got := last[0].Outputs[0]; got.Target != "serviceBus (recorded, not sent)" || len(got.Items) != 2 || got.Items[1].Text.Text != "b" {
		t.Errorf("%+v", got)
	}
}

func TestDisabledFunction(t *testing.T) {
	t.Parallel()
	p, _ := start(t, platform.Options{Folder: playApp(t, map[string]string{"AzureWebJobs.F.Disabled": "true"}, nil)})
	if status, body := deliver(t, p, "F", order{Answer: "{}"}); status != 404 || body != "cannot find function: 'F'" {
		t.Errorf("answer %d %q", status, body)
	}
	if status, _ := deliver(t, p, "M", order{Answer: "{}"}); status != 202 {
		t.Errorf("answer %d", status)
	}
}
