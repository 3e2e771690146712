package trace_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/trace"
)

var at = time.Date(2026, 11, 20, 9, 15, 3, 0, time.UTC)

func attempt(id string) eventgrid.Attempt {
	return eventgrid.Attempt{
		ID: id, Subscription: eventgrid.Subscription{Name: "s", Function: "F", MaxDeliveryAttempts: 30}, Number: 2, Started: at, Published: at,
		Header: http.Header{"Content-Type": {"text"}}, Body: []byte("[]"), Events: make([]eventgrid.Event, 2),
	}
}

func TestDelivery(t *testing.T) {
	changes := 0
	l := &trace.Log{Changed: func() { changes++ }}
	l.DeliveryStarted(attempt("a"))
	l.Invoked(host.Result{
		Call: bridge.Call{ID: "i", Function: "F"}, Delivery: "a", Started: at, Answered: time.Millisecond, Took: 2 * time.Millisecond,
		Outcome: bridge.Outcome{Written: []bridge.Written{{Output: "o", Target: "queue q", Items: make([]bridge.Item, 3)}}},
		Err:     errors.New("it failed"),
	})
	d, post, ok := l.Find("a")
	if !ok || d.Outcome != trace.UnderWay || d.Calls != 1 || d.Attempt != 2 || string(post.Body) != "[]" || post.Header["Content-Type"] != "text" {
		t.Errorf("%+v %+v", d, post)
	}
	i := d.Invocations[0]
	if i.Answered != 1 || i.Took != 2 || i.Error != "it failed" || i.Outputs[0] != (trace.Output{Name: "o", Target: "queue q", Count: 3}) {
		t.Errorf("%+v", i)
	}
	_, revision := l.Since(0)
	l.DeliveryEnded(attempt("a"), eventgrid.Result{Status: 500, Outcome: "InternalServerError", Answer: "no", Took: time.Second, Next: at.Add(time.Minute)})
	changed, _ := l.Since(revision)
	if len(changed) != 1 || changed[0].Outcome != trace.Failed || !changed[0].Next.Equal(at.Add(time.Minute)) || !changed[0].Ended.Equal(at.Add(time.Second)) {
		t.Errorf("%+v", changed)
	}
	if changes != 3 {
		t.Errorf("told of %d changes", changes)
	}
}

// Somebody may call a function without Event Grid.
func TestDirectCall(t *testing.T) {
	l := &trace.Log{}
	event := dotnet.NewObject(dotnet.Field{Name: "id", Value: dotnet.NewString("1")}, dotnet.Field{Name: "type", Value: dotnet.NewString("T")})
	l.Invoked(host.Result{Call: bridge.Call{ID: "i", Function: "F", Events: []dotnet.Value{event}}, Delivery: "unknown", Started: at, Took: time.Second})
	all, _ := l.Since(0)
	if len(all) != 1 || all[0].Subscription != "" || all[0].Outcome != trace.Taken || all[0].Events[0] != (trace.Event{ID: "1", Type: "T"}) {
		t.Errorf("%+v", all)
	}
}

func TestLetters(t *testing.T) {
	l := &trace.Log{}
	if _, changed := l.Letters(0); changed {
		t.Error("there are letters at the start")
	}
	for i := range trace.MaxLetters + 1 {
		l.DeadLettered(eventgrid.DeadLetters{Reason: fmt.Sprint(i), At: at})
	}
	letters, changed := l.Letters(0)
	if !changed || len(letters) != trace.MaxLetters || letters[0].Reason != fmt.Sprint(trace.MaxLetters) {
		t.Errorf("%t %d %+v", changed, len(letters), letters[0])
	}
	_, now := l.Since(0)
	if _, changed := l.Letters(now); changed {
		t.Error("they have changed again")
	}
}

// Whatever comes, the log stays small: deliveries, and what was posted.
func TestBounds(t *testing.T) {
	l := &trace.Log{}
	for i := range trace.MaxDeliveries + 10 {
		a := attempt(fmt.Sprint(i))
		a.Body = make([]byte, 1<<20)
		l.DeliveryStarted(a)
	}
	all, _ := l.Since(0)
	if len(all) != trace.MaxDeliveries || l.Forgotten() != 10 || all[0].ID != "10" {
		t.Errorf("%d deliveries, %d forgotten", len(all), l.Forgotten())
	}
	size := 0
	for _, d := range all {
		_, post, _ := l.Find(d.ID)
		size += len(post.Body)
	}
	if size > 32<<20 || size < 16<<20 {
		t.Errorf("%d bytes of what was posted", size)
	}
	l.DeliveryEnded(attempt("0"), eventgrid.Result{Taken: true}) // it is forgotten
	l.DeliveryEnded(attempt("500"), eventgrid.Result{Taken: true})
	l.Clear()
	if all, _ := l.Since(0); len(all) != trace.MaxDeliveries-1 {
		t.Errorf("%d are left: what is under way must be", len(all))
	}
}
