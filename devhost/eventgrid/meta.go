package eventgrid

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json/jsontext"
	"errors"
	"io"
	"net/http"
	"time"
)

// MetaPath is where the body of a webhook of Meta is published.
const MetaPath = "/meta"

// Target is where Meta delivers webhooks.
type Target struct {
	// Function is the one that gets them.
	Function string
	URL      string
	// Secret is the app secret that Meta signs with.
	Secret string
}

// metaSubscription delivers the webhooks of Meta. No event has its type, which is
// empty.
var metaSubscription = Subscription{
	Name:              "meta",
	MaxEventsPerBatch: 1,
	// Meta delivers a webhook again for seven days, then it drops it.
	EventTimeToLiveInMinutes: 7 * 24 * 60,
}

// IsMeta reports whether Meta delivers, and not Event Grid.
func (s Subscription) IsMeta() bool { return s.Name == metaSubscription.Name && s.EventType == "" }

// meta are the rules of Meta. It documents that only 200 means success, and that it
// delivers again immediately, then less and less often. The time-out and the
// pauses are not documented.
var meta = rules{
	timeout:     10 * time.Second,
	lastSuccess: http.StatusOK,
	schedule: []time.Duration{
		0, 30 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	},
}

// webhookLimit is the size of the largest webhook of Meta.
const webhookLimit = 3 << 20

var errNoMeta = errors.New("the app takes no webhooks of Meta")

// PublishWebhook stores the body of a webhook, which Meta then delivers as it is.
func (s *Service) PublishWebhook(body []byte) error {
	if s.options.Meta == nil {
		return errNoMeta
	}
	if _, err := s.options.Meta(); err != nil {
		return err
	}
	now := time.Now()
	i := s.store.newItem(metaSubscription.Name, newWebhook(body), now, now.Add(s.options.Faults.Hold()))
	if err := s.store.save(i); err != nil {
		return err
	}
	s.observe(func(o Observer) { o.Published(i.events(), now) })
	s.meta.add(i)
	return nil
}

// metaFunction returns the function that gets webhooks.
func (s *Service) metaFunction() string {
	if s.options.Meta == nil {
		return ""
	}
	target, _ := s.options.Meta()
	return target.Function
}

// newWebhook returns a webhook in the form of an event, which keeps each byte of
// the body: Meta signs the bytes.
func newWebhook(body []byte) Event {
	e := newUpdate("", "", Updates(body)[0].ID(), nil, nil)
	e.fields[len(e.fields)-1] = field{"data_base64", quote(base64.StdEncoding.EncodeToString(body))}
	return e
}

// webhookBody returns the body of a webhook; ok is false for an event of Event
// Grid.
func (e Event) webhookBody() (body []byte, ok bool) {
	if e.Type() != "" || e.get("data_base64") == nil {
		return nil, false
	}
	body, err := base64.StdEncoding.DecodeString(e.text("data_base64"))
	return body, err == nil
}

// sign returns the signature of a body.
func sign(body []byte, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// ServeMeta takes the body of a webhook, and answers 200 once it is on disk.
func (s *Service) ServeMeta(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "publish by POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhookLimit))
	value := jsontext.Value(bytes.TrimSpace(body))
	switch tooLarge, ok := errors.AsType[*http.MaxBytesError](err); {
	case ok && tooLarge != nil:
		refuse(w, http.StatusRequestEntityTooLarge, errors.New("a webhook may have 3 MiB at most"))
	case err != nil:
		refuse(w, http.StatusBadRequest, errors.New("the body could not be read"))
	case value.Kind() != jsontext.KindBeginObject || !value.IsValid(lenient):
		refuse(w, http.StatusBadRequest, errors.New("the body must be a webhook of Meta, a JSON object"))
	default:
		if err := s.PublishWebhook(body); err != nil {
			refuse(w, http.StatusServiceUnavailable, err)
		}
	}
}
