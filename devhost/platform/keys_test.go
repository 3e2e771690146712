package platform_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/platform"
)

// With keys the webhook and the admin endpoints ask for one, and Event Grid has
// it.
func TestKeys(t *testing.T) {
	t.Parallel()
	p, said := start(t, platform.Options{Folder: playApp(t, nil, nil), Keys: true})
	keys, err := host.OpenKeys(filepath.Join(p.Data(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := deliver(t, p, "F", order{Answer: "{}"}); status != 202 {
		t.Errorf("Event Grid's own delivery is answered %d:\n%s", status, said)
	}
	webhook, _, _ := strings.Cut(p.Webhook("F"), "&code=")
	status := p.URL() + "/admin/host/status"
	for url, want := range map[string]int{
		webhook:                             401,
		webhook + "&code=x":                 401,
		webhook + "&code=" + keys.Function:  403,
		webhook + "&CODE=" + keys.Master:    202,
		webhook + "&code=" + keys.EventGrid: 202,
		status:                              401,
		status + "?code=" + keys.EventGrid:  403,
		status + "?code=" + keys.Master:     200,
	} {
		method := http.MethodPost
		if strings.HasPrefix(url, status) {
			method = http.MethodGet
		}
		request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader("[]"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("aeg-event-type", "Notification")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s %s: %d, want %d", method, url, response.StatusCode, want)
		}
	}
}
