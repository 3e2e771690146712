package main

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/functions"
	"whatsapp-functions/handler/lenient"
	"whatsapp-functions/handler/meta"
	"whatsapp-functions/internal/testkit"
)

const webhookFolder = "testdata/webhooks"

// webhooks returns the names of the bodies in testdata/webhooks, and with the folder
// requests those of the requests in it.
func webhooks(t testing.TB, folder string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(repository, webhookFolder, folder, "*.json"))
	if err != nil || len(files) < 30 {
		t.Fatal(len(files), "webhooks", err)
	}
	for _, file := range files {
		names = append(names, filepath.Join(folder, strings.TrimSuffix(filepath.Base(file), ".json")))
	}
	return names
}

func webhookText(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, webhookFolder, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// webhookOutcome is the result of a webhook, as in testdata/golden.
type webhookOutcome struct {
	Status int    `json:"status"`
	Body   string `json:"body,omitempty"`
	outcome
	Rejected []rejectedEvent `json:"rejected,omitempty"`
}

func (a webhookAnswer) outcome(t testing.TB) webhookOutcome {
	t.Helper()
	o := webhookOutcome{
		Status: a.Outputs.Response.StatusCode, Body: a.Outputs.Response.Body,
		Rejected: decodeRejected(t, a.Outputs.RejectedEvents).Events,
	}
	o.addOutputs(a.Outputs.outputs)
	return o
}

// withEveryOutput returns an app that binds every output of every function, except
// for mediaRequests, which adds fields to other outputs.
func withEveryOutput(t testing.TB, more ...testkit.Edit) string {
	t.Helper()
	return withStatusUpdates(t, append(more,
		boundQueue(webhook, "statusUpdates", "status-updates"), boundQueue(webhook, "channelEvents", "channel-events"),
		boundQueue(receiver, "preferences", "contact-preferences"), boundQueue(statuses, "channelEvents", "channel-events"))...)
}

// localSecrets are the secrets with which the requests in testdata are signed.
func localSecrets(s *functions.Settings) {
	s.Secrets = meta.NewSecrets("local-app-secret, old-app-secret", "", "local-verify-token")
}

// Every webhook has one outcome. As with TestGolden, a changed golden file is a
// change of what consumers receive.
func TestWebhookGolden(t *testing.T) {
	compiled := schemas(t)
	server := serveWebhook(t, withEveryOutput(t), new(bytes.Buffer), localSecrets)
	check := func(t *testing.T, name string, a webhookAnswer) {
		t.Helper()
		file := filepath.Join("testdata/golden", webhook, name+".json")
		got, err := json.Marshal(a.outcome(t), lenient.Options(), jsontext.WithIndent("  "))
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			write(t, file, string(got)+"\n")
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got)+"\n", "\n")); diff != "" {
			t.Error(diff)
		}
		for schema, texts := range a.Outputs.bySchema(t) {
			for _, text := range texts {
				if err := validate(compiled[schema], text); err != nil {
					t.Errorf("%v\n%s", err, text)
				}
			}
		}
	}
	for _, name := range webhooks(t, "") {
		t.Run(name, func(t *testing.T) {
			check(t, name, callWebhook(t, server, signedWebhook(webhookText(t, name), "local-app-secret")))
		})
	}
	for _, name := range webhooks(t, "requests") {
		t.Run(name, func(t *testing.T) {
			check(t, name, postWebhook(t, server, `{"Data":{"request":`+webhookText(t, name)+`},"Metadata":{}}`))
		})
	}
}

// Each webhook is listed, and has a golden file; no file is left of a removed one.
func TestWebhookFiles(t *testing.T) {
	want := slices.Sorted(slices.Values(append(webhooks(t, ""), webhooks(t, "requests")...)))
	var listed []string
	for line := range strings.Lines(webhookManifest(t)) {
		file, about, _ := strings.Cut(line, "\t")
		if strings.TrimSpace(about) == "" {
			t.Errorf("%s has no description", file)
		}
		listed = append(listed, strings.TrimSuffix(file, ".json"))
	}
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(listed))); diff != "" {
		t.Errorf("files (-), MANIFEST.tsv (+):\n%s", diff)
	}
	var goldens []string
	for _, pattern := range []string{"*.json", "requests/*.json"} {
		files, err := filepath.Glob(filepath.Join("testdata/golden", webhook, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			name, _ := filepath.Rel(filepath.Join("testdata/golden", webhook), file)
			goldens = append(goldens, strings.TrimSuffix(name, ".json"))
		}
	}
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(goldens))); diff != "" {
		t.Errorf("files (-), goldens (+):\n%s", diff)
	}
}

func webhookManifest(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, webhookFolder, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
