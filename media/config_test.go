package main

import (
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/worker"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/media/transfer"
)

// read reads the settings from variables, in addition to local storage.
func read(variables map[string]string) (*transfer.Transfer, *worker.Environment) {
	all := map[string]string{envStorage: "UseDevelopmentStorage=true"}
	maps.Copy(all, variables)
	env := worker.NewEnvironment(testkit.Lookup(all))
	return readSettings(env), env
}

func TestSettings(t *testing.T) {
	const acsConnection = "endpoint=https://demo.communication.azure.com/;accesskey=c2VjcmV0"
	for name, test := range map[string]struct {
		variables map[string]string
		// meta and acs report whether the provider is configured.
		meta, acs bool
		container string
		warnings  []string
	}{
		"nothing": {nil, false, false, "media", []string{"no provider is configured, so no file can be downloaded: set MEDIA_META_TOKENS, MEDIA_ACS_CONNECTION_STRING or MEDIA_ACS_ENDPOINT"}},
		"Meta":    {map[string]string{envMetaTokens: "EAAx"}, true, false, "media", nil},
		"Meta at another address, with another version": {map[string]string{envMetaTokens: "EAAx", envMetaURL: "http://127.0.0.1:7071/graph", envMetaVersion: "v26.0"}, true, false, "media", nil},
		"ACS with a key":                       {map[string]string{envACSConnection: acsConnection}, false, true, "media", nil},
		"ACS with an identity":                 {map[string]string{envACSEndpoint: "https://demo.communication.azure.com"}, false, true, "media", nil},
		"both, with another container":         {map[string]string{envMetaTokens: "1001=EAAx", envACSConnection: acsConnection, envContainer: "files-2"}, true, true, "files-2", nil},
		"storage with an identity":             {map[string]string{envMetaTokens: "EAAx", envStorage: "", envStorageService: "https://demo.blob.core.windows.net/"}, true, false, "media", nil},
		"storage with an identity of a client": {map[string]string{envMetaTokens: "EAAx", envStorage: "", envStorageService: "https://demo.blob.core.windows.net", envStorageClientID: "9f1c2d3e-0a1b-4c5d-8e6f-112233445566"}, true, false, "media", nil},
		"secrets that Azure could not read": {
			map[string]string{envMetaTokens: "@Microsoft.KeyVault(VaultName=v;SecretName=s)", envACSConnection: " @microsoft.keyvault(SecretUri=https://v)", envACSEndpoint: "https://demo.communication.azure.com"}, false, true, "media",
			[]string{
				"MEDIA_META_TOKENS is a reference to a Key Vault that Azure could not read: check that the secret exists and that the app may read it",
				"MEDIA_ACS_CONNECTION_STRING is a reference to a Key Vault that Azure could not read: check that the secret exists and that the app may read it",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			settings, env := read(test.variables)
			if err := env.Err(); err != nil {
				t.Fatal(err)
			}
			if settings.Meta != nil != test.meta || settings.ACS != nil != test.acs || settings.Store.Name() != test.container || settings.MaxSize != 100<<20 {
				t.Errorf("got %+v", settings)
			}
			if diff := cmp.Diff(test.warnings, env.Warnings()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Every mistake is reported, and no secret.
func TestMistakes(t *testing.T) {
	for name, test := range map[string]struct {
		variables map[string]string
		want      []string
	}{
		"no storage": {map[string]string{envStorage: ""}, []string{"neither ConversationStorage nor ConversationStorage__blobServiceUri is set: set the storage account of the queues"}},
		"several at once": {
			map[string]string{
				envMetaURL: "http://graph.facebook.com", envMetaVersion: "25", envMetaTokens: "SECRET,SECRET", envACSConnection: "SECRET",
				envContainer: "Media", envMaxBytes: "0", envStorage: "SECRET",
			},
			[]string{
				"MEDIA_CONTAINER is 'Media': write 3 to 63 lower-case letters, digits and single hyphens",
				"ConversationStorage is not a connection string of a storage account with blobs",
				"MEDIA_MAX_BYTES is '0': write a number from 1 to 1073741824",
				"MEDIA_META_URL is not https: http is for this machine only",
				"MEDIA_META_VERSION is '25': write a version of the Graph API, such as v25.0",
				"MEDIA_META_TOKENS: two tokens without an account's id: write <WABA id>=<token>,<WABA id>=<token>",
				"MEDIA_ACS_CONNECTION_STRING: not a connection string of Azure Communication Services: write endpoint=https://<host>/;accesskey=<key>",
			},
		},
		"addresses": {
			map[string]string{envMetaURL: "graph.facebook.com", envMetaVersion: "v25.0/../me", envACSEndpoint: "http://demo.communication.azure.com", envStorage: "", envStorageService: "demo"},
			[]string{
				"ConversationStorage__blobServiceUri is not an address: write https://<host>",
				"MEDIA_META_URL is not an address: write https://<host>",
				"MEDIA_META_VERSION is 'v25.0/../me': write a version of the Graph API, such as v25.0",
				"MEDIA_ACS_ENDPOINT is not https: http is for this machine only",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, env := read(test.variables)
			var got []string
			if err := env.Err(); err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The table of settings in docs/media.md has a row for every variable of this program
// that is read, with its default, and no other row.
func TestEveryVariableIsDocumented(t *testing.T) {
	read := map[string]bool{}
	lookup := func(name string) (string, bool) {
		read[name] = true
		return "", false
	}
	if code := run(t.Context(), []string{"media"}, lookup, io.Discard, io.Discard); code != 1 {
		t.Errorf("exit code %d without a port", code)
	}
	maps.DeleteFunc(read, func(name string, _ bool) bool {
		return strings.HasPrefix(name, "FUNCTIONS_") || strings.HasPrefix(name, envStorage)
	})
	page, err := os.ReadFile("../docs/media.md")
	testkit.Must(t, err)
	var rows []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)`.*").FindAllStringSubmatch(string(page), -1) {
		rows = append(rows, row[1])
	}
	slices.Sort(rows)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(read)), rows); diff != "" {
		t.Errorf("the code reads (-) what docs/media.md lists (+):\n%s", diff)
	}
	for variable, value := range map[string]string{envMetaURL: "https://graph.facebook.com", envMetaVersion: "v25.0", envContainer: "media", envMaxBytes: "104857600"} {
		if !regexp.MustCompile("(?m)^\\| `" + variable + "`( \\*)? \\| `" + regexp.QuoteMeta(value) + "` \\|").Match(page) {
			t.Errorf("docs/media.md lacks %s with the default %s", variable, value)
		}
	}
}
