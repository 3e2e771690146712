package eventgrid

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/internal/testkit"
)

const (
	webhookStart = `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"9"},"contacts":[{"wa_id":"2"}],`
	metaText     = webhookStart + `"messages":[{"id":"wamid.a\/b","timestamp":"1764144901","type":"text","text":{"body":"\ud83d\ude00 \ud83d"}}]}}]}]}`
)

// newMeta returns a service that delivers webhooks to a subscriber.
func newMeta(t *testing.T, folder string, f faults.Switches, answers ...int) *service {
	t.Helper()
	if len(answers) == 0 {
		answers = []int{http.StatusOK}
	}
	s := &service{subscriber: &subscriber{answers: answers}, said: new(testkit.Log)}
	server := httptest.NewServer(s.subscriber)
	t.Cleanup(server.Close)
	on, err := faults.New(f)
	testkit.Must(t, err)
	s.Service, err = New(Options{
		Folder: folder, TimeScale: 10_000, Log: s.said.Logger().Level(zerolog.WarnLevel), Faults: on,
		Meta: func() (Target, error) { return Target{"Hook", server.URL + "/api/whatsapp", "secret"}, nil },
	})
	testkit.Must(t, err)
	return s
}

// A webhook is delivered byte for byte with its signature, after failures again,
// and only status 200 is success.
func TestMetaDeliversUntil200(t *testing.T) {
	s := newMeta(t, t.TempDir(), faults.Switches{}, 500, 202, 0, 200)
	s.running(t)
	testkit.Must(t, s.PublishWebhook([]byte(metaText)))
	testkit.WaitUntil(t, "the webhook is delivered", func() bool { return s.Pending() == 0 })
	got := s.subscriber.deliveries()
	if len(got) != 4 {
		t.Fatalf("%d deliveries", len(got))
	}
	for _, d := range got {
		if d.body != metaText || d.headers.Get("X-Hub-Signature-256") != sign([]byte(metaText), "secret") || d.headers.Get("aeg-event-type") != "" {
			t.Errorf("%+v", d)
		}
	}
}

// The signature is the HMAC-SHA256 of the body, in hexadecimal digits.
func TestMetaSignature(t *testing.T) {
	const want = "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
	if got := sign([]byte("The quick brown fox jumps over the lazy dog"), "key"); got != want {
		t.Error(got)
	}
}

// The first retry follows immediately, the others less and less often.
func TestMetaPauses(t *testing.T) {
	last := time.Duration(-1)
	for n := range len(meta.schedule) {
		pause := meta.pause(n+1, http.StatusInternalServerError)
		if n == 0 && pause != 0 || pause <= last {
			t.Errorf("pause %d is %s after %s", n, pause, last)
		}
		last = pause
	}
	if got := meta.pause(1, http.StatusBadRequest); got != 0 {
		t.Errorf("after 400: %s", got)
	}
}

// After seven days a webhook is dropped.
func TestMetaDropsAfterSevenDays(t *testing.T) {
	s := newMeta(t, t.TempDir(), faults.Switches{}, 500)
	s.running(t)
	testkit.Must(t, s.PublishWebhook([]byte(metaText)))
	for s.Pending() > 0 {
		s.meta.change(func() {
			for _, i := range s.meta.items {
				if !i.inDelivery {
					i.Published = i.Published.Add(-s.scaled(24 * time.Hour))
				}
			}
		})
		s.DeliverNow()
		time.Sleep(10 * time.Millisecond)
	}
	if said := s.said.String(); !strings.Contains(said, "a webhook for Hook is lost: Meta drops it after seven days") {
		t.Error(said)
	}
}

// A webhook that is not delivered yet survives a restart, with each byte.
func TestMetaContinuesAfterRestart(t *testing.T) {
	folder := t.TempDir()
	testkit.Must(t, newMeta(t, folder, faults.Switches{}).PublishWebhook([]byte(metaText)))
	s := newMeta(t, folder, faults.Switches{})
	s.running(t)
	testkit.WaitUntil(t, "the webhook is delivered", func() bool { return s.Pending() == 0 })
	if got := s.subscriber.deliveries(); len(got) != 1 || got[0].body != metaText {
		t.Errorf("%d deliveries, the first of %v", len(got), got[:min(1, len(got))])
	}
	if files, _ := filepath.Glob(filepath.Join(folder, "*", "*")); len(files) != 0 {
		t.Errorf("left: %s", files)
	}
}

// The faults of deliveries apply to webhooks.
func TestMetaFaults(t *testing.T) {
	s := newMeta(t, t.TempDir(), faults.Switches{Duplicates: 1, Delay: 50 * time.Millisecond})
	published := time.Now()
	s.running(t)
	testkit.Must(t, s.PublishWebhook([]byte(metaText)))
	testkit.WaitUntil(t, "the webhook is delivered", func() bool { return s.Pending() == 0 })
	if got := s.subscriber.deliveries(); len(got) != 2 || got[0].at.Sub(published) < 50*time.Millisecond {
		t.Errorf("%d deliveries, the first of %v", len(got), got[:min(1, len(got))])
	}
}

// Overrides of Event Grid leave the webhooks of Meta as they are.
func TestMetaKeepsItsFormWithOverrides(t *testing.T) {
	s := newMeta(t, t.TempDir(), faults.Switches{})
	testkit.Must(t, s.Override(Overrides{Schema: CloudEventSchema, MaxEventsPerBatch: 10}))
	for range 3 {
		testkit.Must(t, s.PublishWebhook([]byte(metaText)))
	}
	s.running(t)
	testkit.WaitUntil(t, "all are delivered", func() bool { return s.Pending() == 0 })
	if got := s.subscriber.deliveries(); len(got) != 3 || got[0].body != metaText {
		t.Errorf("%d deliveries, the first of %v", len(got), got[:min(1, len(got))])
	}
}

func TestServeMeta(t *testing.T) {
	s := newMeta(t, t.TempDir(), faults.Switches{})
	for _, test := range []struct {
		body   string
		status int
		want   string
	}{
		{metaText, 200, ""},
		{"[]", 400, "the body must be a webhook of Meta, a JSON object"},
		{"{", 400, "the body must be a webhook of Meta, a JSON object"},
		{`{"a":"` + strings.Repeat("x", webhookLimit) + `"}`, 413, "a webhook may have 3 MiB at most"},
	} {
		w := httptest.NewRecorder()
		s.ServeMeta(w, httptest.NewRequest(http.MethodPost, MetaPath, strings.NewReader(test.body)))
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if s.Pending() != 1 {
		t.Errorf("%d webhooks are stored", s.Pending())
	}
	without, err := New(Options{Folder: t.TempDir()})
	testkit.Must(t, err)
	if err := without.PublishWebhook([]byte(metaText)); err == nil || err.Error() != "the app takes no webhooks of Meta" {
		t.Error(err)
	}
}

// Each update of a webhook is one event.
func TestUpdates(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want []string
	}{
		"a message":     {metaText, []string{TypeMetaMessage + " wamid.a/b"}},
		"statuses":      {webhookStart + `"statuses":[{"id":"w","status":"READ"},{"id":"w","status":"failed","errors":[{"code":131026}]},{"id":"w","status":"read","recipient_participant_id":"3"}]}}]}]}`, []string{TypeMetaStatus + " w:read", TypeMetaStatus + " w:failed:131026", TypeMetaStatus + " w:read:3"}},
		"a preference":  {`{"entry":[{"changes":[{"field":"user_preferences","value":{"user_preferences":[{"value":"stop"}]}}]}]}`, []string{TypeMetaPreference + " " + digest([]byte(`{"value":"stop"}`))}},
		"another field": {`{"entry":[{"changes":[{"field":"calls","value":{}}]}]}`, []string{TypeMetaChannel + " calls:" + digest([]byte("{}"))}},
		"two entries":   {`{"entry":[{"changes":[{"field":"messages","value":{"messages":[{"id":"a"}]}}]},{"changes":[{"field":"messages","value":{"messages":[{"id":"b"}]}}]}]}`, []string{TypeMetaMessage + " a", TypeMetaMessage + " b"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := []string{}
			for _, e := range Updates([]byte(test.body)) {
				got = append(got, e.Type()+" "+e.ID())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, body := range []string{"", "{}", "[]", `{"entry":1}`} {
		if got := Updates([]byte(body)); len(got) != 1 || got[0].ID() == "" {
			t.Errorf("%s: %v", body, got)
		}
	}
}

// A subscription can't take the name that devhost uses for Meta.
func TestSubscriptionNamedMeta(t *testing.T) {
	file := filepath.Join(t.TempDir(), "subscriptions.json")
	testkit.Must(t, os.WriteFile(file, []byte(`{"subscriptions":[{"name":"Meta","eventType":"T","function":"F"}]}`), 0o600))
	if _, err := ReadSubscriptions(file); err == nil || !strings.Contains(err.Error(), "devhost uses this name") {
		t.Error(err)
	}
}
