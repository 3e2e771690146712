package eventgrid

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/internal/testkit"
)

// subscriber plays the functions. It gives the answers in turn, repeats the
// last one, and records the deliveries.
type subscriber struct {
	mu      sync.Mutex
	answers []int
	got     []delivery
}

type delivery struct {
	contentType string
	headers     http.Header
	body        string
	ids         []string
	at          time.Time
}

func (s *subscriber) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	d := delivery{contentType: r.Header.Get("Content-Type"), headers: r.Header, body: string(body), at: time.Now()}
	var events []struct {
		ID string `json:"id"`
	}
	if body[0] == '{' {
		body = []byte("[" + string(body) + "]")
	}
	_ = json.Unmarshal(body, &events)
	for _, e := range events {
		d.ids = append(d.ids, e.ID)
	}
	s.mu.Lock()
	answer := http.StatusAccepted
	if len(s.answers) > 0 {
		answer = s.answers[0]
		if len(s.answers) > 1 {
			s.answers = s.answers[1:]
		}
	}
	s.got = append(s.got, d)
	s.mu.Unlock()
	if answer == 0 { // no answer at all
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(answer)
}

func (s *subscriber) deliveries() []delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

// service is a service under test.
type service struct {
	*Service
	subscriber *subscriber
	said       *testkit.Log
	letters    map[string]string
	mu         sync.Mutex
	failing    bool
}

var usual = Subscription{
	Name: "mine", EventType: "T", Function: "F", DeliverySchema: EventGridSchema, MaxEventsPerBatch: 1,
	PreferredBatchSizeInKilobytes: 64, MaxDeliveryAttempts: 30, EventTimeToLiveInMinutes: 1440, DeadLetterContainer: "dead",
}

// newService returns a service that delivers to a subscriber, a thousand times
// faster than the real one.
func newService(t *testing.T, folder string, subscription Subscription, answers ...int) *service {
	t.Helper()
	s := &service{subscriber: &subscriber{answers: answers}, said: new(testkit.Log), letters: map[string]string{}}
	server := httptest.NewServer(s.subscriber)
	t.Cleanup(server.Close)
	inner, err := New(Options{
		Folder:        folder,
		Subscriptions: []Subscription{subscription},
		Endpoint:      func(function string) string { return server.URL + "/" + function },
		DeadLetter: func(_ context.Context, container, name string, content []byte) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.failing {
				return fmt.Errorf("no container")
			}
			s.letters[container+"/"+name] = string(content)
			return nil
		},
		TimeScale: 1000,
		Log:       s.said.Logger().With().Str("component", "eventgrid").Logger(),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Service = inner
	return s
}

// running runs the service until the test ends, or stop is called.
func (s *service) running(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

func (s *service) publish(t *testing.T, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, Path, strings.NewReader(body)))
	return w
}

func numbered(numbers ...int) string {
	var events []string
	for _, n := range numbers {
		events = append(events, strings.Replace(gridEvent, `"id":"1"`, fmt.Sprintf(`"id":"%d"`, n), 1))
	}
	return "[" + strings.Join(events, ",") + "]"
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 2000 {
		if done() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("timeout:  " + what)
}

func (s *service) settled(t *testing.T) {
	t.Helper()
	waitFor(t, "all events to be gone", func() bool { return s.Pending() == 0 })
}

func files(t *testing.T, folder string) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, "mine", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

func TestDelivery(t *testing.T) {
	folder := t.TempDir()
	s := newService(t, folder, usual)
	if w := s.publish(t, numbered(1)); w.Code != 200 || w.Body.Len() > 0 {
		t.Fatalf("answer %d %s", w.Code, w.Body)
	}
	if n := files(t, folder); n != 1 {
		t.Errorf("%d events on disk when the publisher is answered, want 1", n)
	}
	s.running(t)
	s.settled(t)
	if n := files(t, folder); n != 0 {
		t.Errorf("%d events on disk after the delivery, want 0", n)
	}
	d := s.subscriber.deliveries()[0]
	want := "[" + gridEvent[:len(gridEvent)-1] + `,"metadataVersion":"1"}]`
	if d.body != want || d.contentType != "application/json; charset=utf-8" {
		t.Errorf("got %s, %s", d.contentType, d.body)
	}
	for header, want := range map[string]string{
		"aeg-event-type": "Notification", "aeg-subscription-name": "MINE", "aeg-delivery-count": "0", "aeg-metadata-version": "1",
	} {
		if got := d.headers.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}

func TestCloudEventsAlone(t *testing.T) {
	subscription := usual
	subscription.DeliverySchema = CloudEventSchema
	s := newService(t, t.TempDir(), subscription)
	s.publish(t, cloudEvent)
	s.running(t)
	s.settled(t)
	if d := s.subscriber.deliveries()[0]; d.body != cloudEvent || d.contentType != "application/cloudevents+json; charset=utf-8" {
		t.Errorf("got %s, %s", d.contentType, d.body)
	}
}

func TestBatches(t *testing.T) {
	subscription := usual
	subscription.DeliverySchema, subscription.MaxEventsPerBatch = CloudEventSchema, 3
	s := newService(t, t.TempDir(), subscription)
	s.publish(t, numbered(1, 2, 3, 4, 5, 6, 7))
	s.running(t)
	s.settled(t)
	var got []string
	for _, d := range s.subscriber.deliveries() {
		if d.contentType != "application/cloudevents-batch+json; charset=utf-8" || !strings.HasPrefix(d.body, "[") {
			t.Errorf("got %s, %s", d.contentType, d.body)
		}
		got = append(got, strings.Join(d.ids, ""))
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"123", "456", "7"}, got); diff != "" {
		t.Error(diff)
	}
}

// Events of one request are delivered in batches, however fast the service is.
func TestBatchesOfOneRequest(t *testing.T) {
	subscription := usual
	subscription.MaxEventsPerBatch = 3
	s := newService(t, t.TempDir(), subscription)
	s.running(t)
	for range 5 {
		s.publish(t, numbered(1, 2, 3))
		s.settled(t)
	}
	if got := len(s.subscriber.deliveries()); got != 5 {
		t.Errorf("%d deliveries", got)
	}
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"Microsoft.Communication.Ä": "Microsoft.Communication.Ä",
		"\x1b[31mEVIL\nforged":      `"\x1b[31mEVIL\nforged"`,
		"\u202eevil":                `"\u202eevil"`,
	} {
		if got := Printable(text); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// If one event of a request can't be stored, none is.
func TestEventsThatCanNotBeStored(t *testing.T) {
	folder := t.TempDir()
	s := newService(t, folder, usual)
	if err := os.WriteFile(filepath.Join(folder, usual.Name), nil, 0o600); err != nil { // in place of its folder
		t.Fatal(err)
	}
	s.running(t)
	response := httptest.NewRecorder()
	s.ServeHTTP(response, httptest.NewRequest(http.MethodPost, Path, strings.NewReader(numbered(1, 2))))
	if response.Code != http.StatusServiceUnavailable || s.Pending() != 0 {
		t.Errorf("answer %d, %d pending", response.Code, s.Pending())
	}
}

func TestBatchesBySize(t *testing.T) {
	subscription := usual
	subscription.MaxEventsPerBatch, subscription.PreferredBatchSizeInKilobytes = 5000, 1
	s := newService(t, t.TempDir(), subscription)
	large := strings.Replace(gridEvent, `"subject":"s"`, `"subject":"`+strings.Repeat("s", 2000)+`"`, 1)
	s.publish(t, "["+large+","+strings.Trim(numbered(2, 3, 4, 5, 6, 7, 8, 9), "[]")+"]")
	s.running(t)
	s.settled(t)
	total := 0
	for _, d := range s.subscriber.deliveries() {
		total += len(d.ids)
		if len(d.body) > 1100 && len(d.ids) > 1 {
			t.Errorf("%d events in %d bytes", len(d.ids), len(d.body))
		}
	}
	if total != 9 || len(s.subscriber.deliveries()) > 6 {
		t.Errorf("%d events in %d deliveries", total, len(s.subscriber.deliveries()))
	}
}

// A failed batch is retried as a whole on the schedule.
func TestRetries(t *testing.T) {
	subscription := usual
	subscription.MaxEventsPerBatch = 10
	s := newService(t, t.TempDir(), subscription, 500, 0, 503, 202)
	s.publish(t, numbered(1, 2))
	s.running(t)
	s.settled(t)
	got := s.subscriber.deliveries()
	if len(got) != 4 {
		t.Fatalf("%d attempts", len(got))
	}
	for i, least := range []time.Duration{0, 10, 30, 60} {
		if diff := cmp.Diff([]string{"1", "2"}, got[i].ids); diff != "" {
			t.Error(diff)
		}
		if count := got[i].headers.Get("aeg-delivery-count"); count != fmt.Sprint(i) {
			t.Errorf("attempt %d counts %s", i, count)
		}
		if i > 0 {
			if pause := got[i].at.Sub(got[i-1].at); pause < least*900*time.Microsecond {
				t.Errorf("attempt %d came after %s, less than %d s divided by 1000", i, pause, least)
			}
		}
	}
	for _, want := range []string{
		"warn eventgrid: delivery of 2 events to F failed: InternalServerError, attempt 1; again in 1", "failed: SocketError, attempt 2; again in 3", "failed: Busy, attempt 3; again in 1m",
	} {
		if !strings.Contains(s.said.String(), want) {
			t.Errorf("%q is not logged:\n%s", want, s.said)
		}
	}
}

func TestSchedule(t *testing.T) {
	for name, test := range map[string]struct {
		attempt, status int
		least           time.Duration
	}{
		"the first":                      {1, 500, 10 * time.Second},
		"the fourth":                     {4, 500, 5 * time.Minute},
		"the tenth":                      {10, 500, 12 * time.Hour},
		"the thirtieth":                  {30, 500, 12 * time.Hour},
		"unauthorized":                   {1, 401, 5 * time.Minute},
		"not found":                      {1, 404, 5 * time.Minute},
		"timeout":                        {1, 408, 2 * time.Minute},
		"unavailable":                    {1, 503, 30 * time.Second},
		"a longer pause on the schedule": {9, 503, 6 * time.Hour},
	} {
		if got := eventGrid.pause(test.attempt, test.status); got != test.least {
			t.Errorf("%s: %s, want %s", name, got, test.least)
		}
	}
}

func TestDeadLetters(t *testing.T) {
	for name, test := range map[string]struct {
		change   func(s *Subscription)
		answer   int
		attempts int
		fewer    bool // fewer attempts are possible on a busy machine
		want     string
	}{
		"a status that is never retried": {
			func(*Subscription) {}, 400, 1, false,
			`"deadLetterReason":"BadRequest","deliveryAttempts":N,"lastDeliveryOutcome":"BadRequest","publishTime":"TIME","lastDeliveryAttemptTime":"TIME"}]`,
		},
		"too many attempts": {
			func(s *Subscription) { s.MaxDeliveryAttempts = 3 }, 500, 3, false,
			`"deadLetterReason":"MaxDeliveryAttemptsExceeded","deliveryAttempts":N,"lastDeliveryOutcome":"InternalServerError","publishTime":"TIME","lastDeliveryAttemptTime":"TIME"}]`,
		},
		"too old": {
			func(s *Subscription) { s.EventTimeToLiveInMinutes = 1 }, 500, 3, true,
			`"deadLetterReason":"TimeToLiveExceeded","deliveryAttempts":N,"lastDeliveryOutcome":"InternalServerError","publishTime":"TIME","lastDeliveryAttemptTime":"TIME"}]`,
		},
		"as a CloudEvent": {
			func(s *Subscription) { s.DeliverySchema = CloudEventSchema }, 413, 1, false,
			`"deadletterreason":"RequestEntityTooLarge","deliveryattempts":N,"lastdeliveryoutcome":"RequestEntityTooLarge","publishtime":"TIME","lastdeliveryattempttime":"TIME"}]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			subscription := usual
			test.change(&subscription)
			s := newService(t, t.TempDir(), subscription, test.answer)
			s.publish(t, numbered(1))
			s.running(t)
			s.settled(t)
			n := len(s.subscriber.deliveries())
			if n != test.attempts && (n > test.attempts || n == 0 || !test.fewer) {
				t.Errorf("%d attempts, want %d", n, test.attempts)
			}
			want := strings.Replace(test.want, ":N,", fmt.Sprintf(":%d,", n), 1)
			s.mu.Lock()
			defer s.mu.Unlock()
			if len(s.letters) != 1 {
				t.Fatalf("%d dead letters", len(s.letters))
			}
			for name, content := range s.letters {
				if !regexp.MustCompile(`^dead/MINE/\d{4}/\d\d?/\d\d?/\d\d?/[0-9a-f-]{36}\.json$`).MatchString(name) {
					t.Errorf("blob %s", name)
				}
				times := regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z"`)
				if got := times.ReplaceAllString(content, `"TIME"`); !strings.HasPrefix(got, `[{"id":"1",`) || !strings.HasSuffix(got, ","+want) {
					t.Errorf("got %s", got)
				}
			}
		})
	}
}

func TestDeadLettersWithoutContainer(t *testing.T) {
	subscription := usual
	subscription.DeadLetterContainer = ""
	s := newService(t, t.TempDir(), subscription, 400)
	s.publish(t, numbered(1))
	s.running(t)
	s.settled(t)
	if want := "error eventgrid: 1 events for F are lost (BadRequest): the subscription has no dead-letter container"; !strings.Contains(s.said.String(), want) {
		t.Errorf("%q is not logged:\n%s", want, s.said)
	}
}

func TestDeadLettersWhileStorageIsDown(t *testing.T) {
	s := newService(t, t.TempDir(), usual, 400)
	s.failing = true
	s.publish(t, numbered(1))
	s.running(t)
	waitFor(t, "the first attempt", func() bool { return strings.Contains(s.said.String(), "can't be written to dead: no container") })
	s.mu.Lock()
	s.failing = false
	s.mu.Unlock()
	s.settled(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.letters) != 1 {
		t.Errorf("%d dead letters", len(s.letters))
	}
}

// Undelivered events are delivered after a restart, with their number of
// attempts.
func TestEventsSurviveARestart(t *testing.T) {
	folder := t.TempDir()
	first := newService(t, folder, usual, 500)
	first.publish(t, numbered(1, 2))
	stop := first.running(t)
	waitFor(t, "an attempt of each", func() bool { return strings.Count(first.said.String(), "attempt 1;") == 2 })
	stop()

	second := newService(t, folder, usual, 202)
	if second.Pending() != 2 {
		t.Fatalf("%d events are pending", second.Pending())
	}
	second.running(t)
	second.settled(t)
	for _, d := range second.subscriber.deliveries() {
		if d.headers.Get("aeg-delivery-count") == "0" {
			t.Error("the number of attempts is lost")
		}
	}
	if n := len(second.subscriber.deliveries()); n != 2 {
		t.Errorf("%d deliveries", n)
	}
}

// If the clock is set back while the service is down, events don't wait until it
// has caught up.
func TestEventsSurviveAClockSetBack(t *testing.T) {
	folder := t.TempDir()
	first := newService(t, folder, usual, 500)
	first.publish(t, numbered(1, 2))
	stop := first.running(t)
	waitFor(t, "an attempt of each", func() bool { return strings.Count(first.said.String(), "attempt 1;") == 2 })
	stop()
	first.publish(t, numbered(3))
	inAnHour := time.Now().Add(time.Hour)
	for _, q := range first.queues {
		for _, i := range q.items {
			back := time.Until(inAnHour)
			i.Published, i.Next = i.Published.Add(back), i.Next.Add(back)
			if !i.LastAttempt.IsZero() {
				i.LastAttempt = i.LastAttempt.Add(back)
			}
			if err := first.store.save(i); err != nil {
				t.Fatal(err)
			}
		}
	}

	second := newService(t, folder, usual, 202)
	second.running(t)
	second.settled(t)
	if n := len(second.subscriber.deliveries()); n != 3 {
		t.Errorf("%d deliveries", n)
	}
}

func TestEventsWithoutSubscription(t *testing.T) {
	s := newService(t, t.TempDir(), usual)
	if w := s.publish(t, strings.Replace("["+gridEvent+"]", `"T"`, `"Other"`, 1)); w.Code != 200 {
		t.Errorf("answer %d", w.Code)
	}
	if want := "warn eventgrid: no subscription takes Other: Event Grid drops event 1"; s.said.String() != want {
		t.Errorf("logged %s", s.said)
	}
}

// An event can't control the terminal or forge a log line.
func TestLogEscapesEvents(t *testing.T) {
	s := newService(t, t.TempDir(), usual)
	s.publish(t, strings.NewReplacer(`"T"`, `"Other\u001b[2J"`, `"id":"1"`, `"id":"1\n12:00:00.000 info"`).Replace("["+gridEvent+"]"))
	if want := `warn eventgrid: no subscription takes "Other\x1b[2J": Event Grid drops event "1\n12:00:00.000 info"`; s.said.String() != want {
		t.Errorf("logged %s", s.said)
	}
}

// Files of other programs and broken files are named, skipped and kept.
func TestStrayAndBrokenFiles(t *testing.T) {
	folder := t.TempDir()
	newService(t, folder, usual).publish(t, numbered(1))
	mine := filepath.Join(folder, "mine")
	old := filepath.Join(folder, ".writing-1")
	for _, err := range []error{
		os.Mkdir(filepath.Join(mine, "20261120T091503.000000000Z-0123abcd.json"), 0o700),
		os.WriteFile(filepath.Join(mine, ".DS_Store"), []byte("x"), 0o600),
		os.WriteFile(filepath.Join(mine, ".notes.json.swp"), nil, 0o600),
		os.WriteFile(filepath.Join(mine, "20261120T091503.000000000Z-00000000.json"), nil, 0o600),
		os.WriteFile(filepath.Join(mine, "20261120T091503.000000000Z-00000001.json"), []byte(`{"published":"20`), 0o600),
		os.WriteFile(filepath.Join(mine, "20261120T091503.000000000Z-00000002.json"), []byte(`{"event":7}`), 0o600),
		os.WriteFile(filepath.Join(folder, ".DS_Store"), []byte("x"), 0o600),
		os.WriteFile(old, []byte("x"), 0o600),
		os.Chtimes(old, time.Time{}, time.Now().Add(-time.Hour)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s := newService(t, folder, usual)
	if n := s.Pending(); n != 1 {
		t.Errorf("%d events are pending", n)
	}
	want := []string{
		"warn eventgrid: event grid: files are skipped: .DS_Store: not an event of devhost", ".notes.json.swp: not an event of devhost",
		"20261120T091503.000000000Z-00000000.json: the file is empty", "20261120T091503.000000000Z-00000001.json: jsontext: unexpected EOF within \"/published\" after offset 16",
		"20261120T091503.000000000Z-00000002.json: an event must be an object", "20261120T091503.000000000Z-0123abcd.json: not an event of devhost",
	}
	if diff := cmp.Diff(want, strings.Split(strings.ReplaceAll(s.said.String(), mine+"/", ""), "; ")); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("an unfinished file is still there: %v", err)
	}
	if _, err := os.Stat(filepath.Join(mine, ".DS_Store")); err != nil {
		t.Error(err)
	}
}

func TestTopicRefuses(t *testing.T) {
	folder := t.TempDir()
	s := newService(t, folder, usual)
	for name, test := range map[string]struct {
		body   string
		status int
		want   string
	}{
		"one of two events is invalid": {"[" + gridEvent + `,{"id":"2"}]`, 400, `{"error":{"code":"BadRequest","message":"event 1: it has neither an eventType (Event Grid schema) nor a specversion (CloudEvents)"}}`},
		"too large":                    {"[" + strings.Repeat(gridEvent+",", 10_000) + gridEvent + "]", 413, `{"error":{"code":"RequestEntityTooLarge","message":"a request may have 1 MiB at most"}}`},
	} {
		w := s.publish(t, test.body)
		if w.Code != test.status || w.Body.String() != test.want {
			t.Errorf("%s: answer %d %s", name, w.Code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, Path, nil))
	if w.Code != 405 {
		t.Errorf("GET is answered %d", w.Code)
	}
	if n := files(t, folder); n != 0 {
		t.Errorf("%d events were stored", n)
	}
}
