package history_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/host"
)

func attempt(id string) eventgrid.Attempt {
	return eventgrid.Attempt{
		ID: id, Subscription: eventgrid.Subscription{Name: "s", Function: "F", MaxDeliveryAttempts: 30}, Number: 2, Started: at, Published: at,
		Header: http.Header{"Content-Type": {"text"}}, Body: []byte("[]"), Events: make([]eventgrid.Event, 2),
	}
}

func deliveries(l *history.Log, after uint64) []history.Delivery {
	changes, _ := l.Since(after)
	return changes.Deliveries
}

func TestDelivery(t *testing.T) {
	l := &history.Log{}
	signal := l.Changed()
	l.DeliveryStarted(attempt("a"))
	l.Invoked(host.Result{
		Call: bridge.Call{ID: "i", Function: "F"}, Delivery: "a", Started: at, Answered: time.Millisecond, Took: 2 * time.Millisecond,
		Outcome: bridge.Outcome{Written: []bridge.Written{{Output: "o", Target: "queue q", Items: make([]bridge.Item, 3)}}},
		Err:     errors.New("it failed"),
	})
	d, post, ok := l.Find("a")
	if !ok || d.Outcome != history.InProgress || d.Calls != 1 || d.Attempt != 2 || string(post.Body) != "[]" || post.Header["Content-Type"] != "text" {
		t.Errorf("%+v %+v", d, post)
	}
	i := d.Invocations[0]
	if i.Answered != 1 || i.Took != 2 || i.Error != "it failed" || i.Outputs[0] != (history.Output{Name: "o", Target: "queue q", Count: 3}) {
		t.Errorf("%+v", i)
	}
	before := revision(l)
	l.DeliveryEnded(attempt("a"), eventgrid.Result{Status: 500, Outcome: "InternalServerError", Answer: "no", Took: time.Second, Next: at.Add(time.Minute)})
	changed := deliveries(l, before)
	if len(changed) != 1 || changed[0].Outcome != history.Failed || !changed[0].Next.Equal(at.Add(time.Minute)) || !changed[0].Ended.Equal(at.Add(time.Second)) {
		t.Errorf("%+v", changed)
	}
	select {
	case <-signal:
	default:
		t.Error("the change is not reported")
	}
	if l.Writes() != 1 {
		t.Errorf("%d writes", l.Writes())
	}
}

// A function can be called without Event Grid.
func TestDirectCall(t *testing.T) {
	l := &history.Log{}
	cloudEvent, err := dotnet.Read([]byte(`{"id":"1","specversion":"1.0","type":"T","eventType":"other"}`), dotnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	gridEvent, err := dotnet.Read([]byte(`{"id":"2","type":"other","eventType":"T"}`), dotnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l.Invoked(host.Result{Call: bridge.Call{ID: "i", Function: "F", Events: []dotnet.Value{cloudEvent, gridEvent}}, Delivery: "unknown", Started: at, Took: time.Second})
	all := deliveries(l, 0)
	if len(all) != 1 || all[0].Subscription != "" || all[0].Outcome != history.Delivered || all[0].Events[0] != (history.Event{ID: "1", Type: "T"}) || all[0].Events[1] != (history.Event{ID: "2", Type: "T"}) {
		t.Errorf("%+v", all)
	}
}

func TestDeadLetters(t *testing.T) {
	l := &history.Log{}
	for i := range history.MaxDeadLetters + 1 {
		l.DeadLettered(eventgrid.DeadLetters{Reason: fmt.Sprint(i), At: at})
	}
	changes, now := l.Since(0)
	if all := *changes.DeadLetters; len(all) != history.MaxDeadLetters || all[0].Reason != fmt.Sprint(history.MaxDeadLetters) {
		t.Errorf("%d %+v", len(all), all[0])
	}
	if changes, _ := l.Since(now); changes.DeadLetters != nil {
		t.Error("they have changed again")
	}
	l.Clear()
	if changes, _ := l.Since(now); changes.DeadLetters == nil || len(*changes.DeadLetters) != 0 {
		t.Errorf("after Clear: %v", changes.DeadLetters)
	}
}

// The log drops the oldest deliveries, and the oldest bodies before.
func TestLimitOfDeliveries(t *testing.T) {
	l := &history.Log{}
	for i := range history.MaxDeliveries + 10 {
		a := attempt(fmt.Sprint(i))
		a.Body = make([]byte, 1<<20)
		l.DeliveryStarted(a)
	}
	all := deliveries(l, 0)
	if len(all) != history.MaxDeliveries || l.Dropped().Deliveries != 10 || all[0].ID != "10" {
		t.Errorf("%d deliveries, %d dropped", len(all), l.Dropped().Deliveries)
	}
	size := 0
	for _, d := range all {
		_, post, _ := l.Find(d.ID)
		size += len(post.Body)
	}
	if size > 32<<20 || size < 16<<20 {
		t.Errorf("%d bytes of bodies", size)
	}
	l.DeliveryEnded(attempt("0"), eventgrid.Result{Taken: true}) // ignored: it is dropped
	l.DeliveryEnded(attempt("500"), eventgrid.Result{Taken: true})
	l.Clear()
	if all := deliveries(l, 0); len(all) != history.MaxDeliveries-1 {
		t.Errorf("%d are left: deliveries in progress stay", len(all))
	}
}

// A rejected event is visible in the delivery.
func TestRejectedInDelivery(t *testing.T) {
	l := &history.Log{}
	l.DeliveryStarted(attempt("a"))
	l.Invoked(host.Result{Call: bridge.Call{ID: "i", Function: "F"}, Delivery: "a", Outcome: bridge.Outcome{Written: []bridge.Written{{Items: []bridge.Item{
		{Content: []byte(`{"events":[{"reason":"missing-id"},{"reason":"oversize"}]}`)}, {Content: nil},
	}}}}})
	if d, _, _ := l.Find("a"); strings.Join(d.Invocations[0].Rejected, " ") != "missing-id oversize" {
		t.Errorf("%+v", d.Invocations[0])
	}
}
