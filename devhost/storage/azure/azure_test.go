package azure_test

import (
	"strings"
	"testing"

	"whatsapp-functions/devhost/azurite/azuritetest"
	"whatsapp-functions/devhost/storage/azure"
	"whatsapp-functions/devhost/storage/storagetest"
)

func TestStorage(t *testing.T) {
	emulator := azuritetest.Start(t, "../../..")
	account, err := azure.Open(t.Context(), emulator.Connection)
	if err != nil {
		t.Fatal(err)
	}
	if !account.Local() {
		t.Error("an emulator is taken for Azure")
	}
	storagetest.Run(t, account)
}

func TestOpenRefuses(t *testing.T) {
	for name, test := range map[string]struct{ connection, want string }{
		"nothing":        {"", "storage: this is no connection string of a storage account"},
		"something else": {"hello=world", "storage: this is no connection string of a storage account"},
		"nobody there":   {"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;BlobEndpoint=http://127.0.0.1:1/a;QueueEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:1/a", "storage at 127.0.0.1:1 does not answer: connect: connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := azure.Open(t.Context(), test.connection)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "YQ==") {
				t.Error("the key is told")
			}
		})
	}
}
