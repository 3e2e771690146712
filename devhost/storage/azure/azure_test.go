package azure_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/azure"
	"whatsapp-functions/devhost/storage/storagetest"
	"whatsapp-functions/internal/testkit/azuritetest"
)

func TestStorage(t *testing.T) {
	emulator := azuritetest.Start(t, azurite.Options{})
	account, err := azure.Open(t.Context(), emulator.Connection)
	if err != nil {
		t.Fatal(err)
	}
	if !account.Local() {
		t.Error("an emulator is not local")
	}
	storagetest.Run(t, account)
}

func TestOpenRefuses(t *testing.T) {
	for name, test := range map[string]struct{ connection, want string }{
		"nothing":         {"", "storage: not a connection string of a storage account"},
		"something else":  {"hello=world", "storage: not a connection string of a storage account"},
		"nothing listens": {"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;BlobEndpoint=http://127.0.0.1:1/a;QueueEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:1/a", "storage at 127.0.0.1:1: connect: connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := azure.Open(t.Context(), test.connection)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "YQ==") {
				t.Error("the error contains the key")
			}
		})
	}
}

// An error carries the service's own words: an older Azurite says what to do.
func TestErrorsCarryTheServersWords(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("x-ms-error-code", "InvalidHeaderValue")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Error><Code>InvalidHeaderValue</Code><Message>The API version 2026-04-06 is not supported by Azurite. Please upgrade Azurite or pass --skipApiVersionCheck.
RequestId:1
Time:2026-11-25T10:00:00Z</Message></Error>`)
	}))
	defer server.Close()
	_, err := azure.Open(t.Context(), "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;BlobEndpoint="+server.URL+"/a;QueueEndpoint="+server.URL+"/a;TableEndpoint="+server.URL+"/a")
	want := "storage at " + strings.TrimPrefix(server.URL, "http://") + ": 400 InvalidHeaderValue: The API version 2026-04-06 is not supported by Azurite. Please upgrade Azurite or pass --skipApiVersionCheck."
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// An account is local only if all its endpoints are.
func TestLocal(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	const remote = "http://198.51.100.1/a"
	for _, endpoints := range [][3]string{{server.URL, server.URL, server.URL}, {remote, server.URL, server.URL}, {server.URL, server.URL, remote}} {
		account, err := azure.Open(t.Context(), "AccountName=a;AccountKey=YQ==;BlobEndpoint="+endpoints[0]+";QueueEndpoint="+endpoints[1]+";TableEndpoint="+endpoints[2])
		if err != nil {
			t.Fatal(err)
		}
		local := !slices.Contains(endpoints[:], remote)
		if account.Local() != local {
			t.Errorf("%q: local %v", endpoints, account.Local())
		}
		if err := account.Clear(t.Context()); !local && !errors.Is(err, storage.ErrNotLocal) {
			t.Errorf("%q: Clear returns %v", endpoints, err)
		}
	}
}
