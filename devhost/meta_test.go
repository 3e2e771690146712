package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/whatsapp"
	"whatsapp-functions/internal/testkit"
)

// publishText publishes a text as Meta does and returns the error of devhost.
func publishText(t *testing.T, p *platform.Platform) error {
	t.Helper()
	body, err := whatsapp.Message{Kind: "text", Text: "Hello", ID: "wamid.text"}.Webhook(time.Now())
	testkit.Must(t, err)
	return eventgrid.PublishTo(t.Context(), p.URL()+eventgrid.MetaPath, body)
}

// An app that can't take webhooks of Meta says what it lacks.
func TestMetaIsRefusedWithWhatTheAppLacks(t *testing.T) {
	for want, edit := range map[string]func(file, text string) string{
		"the app has no setting META_APP_SECRETS":                                                         changed(t, "local.settings.json", `"META_APP_SECRETS": "local-app-secret",`, ""),
		"no function of the app takes webhooks of Meta: it needs an HTTP trigger with the route whatsapp": changed(t, "WebhookTrigger/function.json", `"route": "whatsapp"`, `"route": "other"`),
	} {
		p, _ := serve(t, appFolder(t, edit), platform.Embedded)
		if err := publishText(t, p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Meta signs with the first secret, and delivers to the route prefix of host.json.
func TestMetaFollowsSettingsAndRoutePrefix(t *testing.T) {
	p, _ := serve(t, appFolder(t, func(file, text string) string {
		switch file {
		case "local.settings.json":
			return strings.Replace(text, `"local-app-secret"`, `" first , second"`, 1)
		case "host.json":
			return strings.Replace(text, `"version": "2.0",`, `"version": "2.0", "extensions": {"http": {"routePrefix": "hooks/v1"}},`, 1)
		}
		return text
	}), platform.Embedded)
	testkit.Must(t, publishText(t, p))
	testkit.WaitUntil(t, "the webhook is delivered", func() bool { return p.Pending() == 0 })
	if messages, err := p.Storage().Messages(t.Context(), "inbound-messages"); err != nil || len(messages) != 1 {
		t.Errorf("%d messages, %v", len(messages), err)
	}
}

// A webhook whose output fails is answered 500 and delivered again.
func TestMetaDeliversAgainAfterAFailedOutput(t *testing.T) {
	shown := new(output)
	p, err := platform.Start(t.Context(), platform.Options{
		Folder: appFolder(t, nil), Address: "127.0.0.1:0", Environ: environ(), Log: newLog(shown), TimeScale: 1000, Faults: faults.Switches{FailWrites: 0.5},
	})
	testkit.Must(t, err)
	t.Cleanup(p.Stop)
	for !strings.Contains(shown.String(), "to WebhookTrigger failed: InternalServerError, attempt 1; again in") {
		testkit.Must(t, publishText(t, p))
		testkit.WaitUntil(t, "the webhook is delivered", func() bool { return p.Pending() == 0 })
	}
	if messages, err := p.Storage().Messages(t.Context(), "inbound-messages"); err != nil || len(messages) == 0 {
		t.Errorf("%d messages, %v", len(messages), err)
	}
}

// A delivery of another sender, which is signed with another secret, is refused.
func TestMetaSignatureIsChecked(t *testing.T) {
	p, _ := serve(t, appFolder(t, nil), platform.Embedded)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL()+"/api/whatsapp", strings.NewReader("{}"))
	testkit.Must(t, err)
	request.Header.Set("X-Hub-Signature-256", "sha256="+strings.Repeat("0", 64))
	response, err := http.DefaultClient.Do(request)
	testkit.Must(t, err)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		t.Error(response.Status)
	}
}
