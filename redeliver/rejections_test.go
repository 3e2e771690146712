package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/internal/testkit/azuritetest"
)

// The app itself rejects, cuts and writes events, and redeliver finds out which.
func TestOutcomesOfTheApp(t *testing.T) {
	app := testkit.AppFolder(t)
	testkit.InstallHandler(t, app)
	running, err := platform.Start(t.Context(), platform.Options{Folder: app, Address: "127.0.0.1:0", Storage: platform.Embedded, Environ: os.Environ(), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	long := strings.Repeat("y", 40_000)
	text := `{"function":"AdvancedMessageTrigger","invocationId":"i","events":[
		{"reason":"unexpected-type","written":false,"event":{"id":"e1","type":"Microsoft.Communication.AdvancedMessageReceived","source":"/acs","specversion":"1.0","time":"2026-11-20T09:15:01Z","data":{"messageId":"m1","content":"Hi","channelType":"whatsapp","from":"14255550123","to":"c","receivedTimestamp":"2026-11-20T09:15:01Z"}}},
		{"reason":"malformed-data","written":false,"event":{"id":"e2","type":"Microsoft.Communication.AdvancedMessageReceived","source":"/acs","specversion":"1.0","time":"2026-11-20T09:15:01Z","data":7}},
		{"reason":"oversize","written":true,"event":{"id":"e3","type":"Microsoft.Communication.AdvancedMessageReceived","source":"/acs","specversion":"1.0","time":"2026-11-20T09:15:01Z","data":{"messageId":"m3","content":"` + long + `","channelType":"whatsapp","from":"14255550123","to":"c","receivedTimestamp":"2026-11-20T09:15:01Z"}}}]}`
	file := write(t, "events.json", text)
	rejected := filepath.Join(app, ".devhost/storage/blobs/rejected-events")
	for range 2 { // the second time, the blobs of the first are there
		out := call(t, 1, "--url", running.URL(), "--rejected", rejected, "--include-written", file)
		for _, want := range []string{
			"event 0: written: by AdvancedMessageTrigger\n",
			"event 1: rejected again: by AdvancedMessageTrigger: malformed-data\n",
			"event 2: written: by AdvancedMessageTrigger, without the parts that did not fit (oversize)\n",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("the output lacks %q:\n%s", want, out)
			}
		}
	}
}

// A container of Azurite is read with its public key.
func TestRejectionsInAContainer(t *testing.T) {
	connection := azuritetest.Start(t, azurite.Options{}).Connection
	endpoint := regexp.MustCompile(`BlobEndpoint=([^;]*)`).FindStringSubmatch(connection)[1]
	address := endpoint + "/rejected-events"
	opened, err := openContainer(address, "", true, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := opened.client.Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	put := func(name, text string) {
		t.Helper()
		if _, err := opened.client.NewBlockBlobClient(name).Upload(t.Context(), streaming.NopCloser(strings.NewReader(text)), nil); err != nil {
			t.Fatal(err)
		}
	}
	put("F/2026-11-24/1.json", `{"events":[{"reason":"panic","event":{"id":"a"}}]}`)
	r, err := openRejections(t.Context(), address, "", true)
	if err != nil {
		t.Fatal(err)
	}
	put("F/2026-11-24/empty.json", "")
	put("F/2026-11-24/2.json", `{"events":[{"reason":"missing-id","event":{"id":"b"}},{"reason":"panic","event":{"id":"b"}}]}`)
	added, err := r.added(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var reasons []string
	for _, id := range []string{"a", "b", "b", "b"} {
		if r, ok := added.take(event{text: []byte(`{"id":"` + id + `"}`)}); ok {
			reasons = append(reasons, id+" "+r.reason)
		}
	}
	if want := []string{"b missing-id", "b panic"}; !slices.Equal(reasons, want) {
		t.Errorf("got %q, want %q", reasons, want)
	}
	if again, err := r.added(t.Context()); err != nil || len(again) != 0 {
		t.Errorf("found again: %v, %v", again, err)
	}
}

// Azure gets the access token, and nothing else that is secret.
func TestTheContainerOfAzureGetsTheToken(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer token" {
			t.Errorf("Authorization is %q", got)
		}
		w.Header().Set("Content-Type", "application/xml")
		_, _ = w.Write([]byte(`<?xml version="1.0"?><EnumerationResults><Blobs><Blob><Name>1.json</Name><Properties><Content-Length>9</Content-Length></Properties></Blob></Blobs></EnumerationResults>`))
	}))
	defer server.Close()
	var options container.ClientOptions
	options.Transport = server.Client()
	opened, err := openContainer(server.URL+"/rejected-events", "token", false, &options)
	if err != nil {
		t.Fatal(err)
	}
	if names, err := opened.list(t.Context()); err != nil || !slices.Equal(names, []string{"1.json"}) {
		t.Errorf("%q, %v", names, err)
	}
}

// The host may write an event's JSON differently.
func TestIdentityOfAnEvent(t *testing.T) {
	for name, test := range map[string]struct {
		a, b string
		same bool
	}{
		"the same id and type":           {`{"id":"1","type":"t","data":1.10}`, `{"type":"t","data":1.1,"id":"1"}`, true},
		"another type":                   {`{"id":"1","type":"t"}`, `{"id":"1","type":"u"}`, false},
		"a number and a string as id":    {`{"id":1}`, `{"id":"1"}`, false},
		"no id, fields in another order": {`{"a":1.10,"b":[2]}`, `{"b":[2],"a":1.1}`, true},
		"no id, other data":              {`{"a":1}`, `{"a":2}`, false},
	} {
		if got := identity([]byte(test.a)) == identity([]byte(test.b)); got != test.same {
			t.Errorf("%s: %t", name, got)
		}
	}
}
