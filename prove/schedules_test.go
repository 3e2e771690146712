package prove_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
)

// try runs a schedule with storage of its own and returns what is wrong.
func (w world) try(t *testing.T, s schedule) []string {
	t.Helper()
	folder, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Error(err)
		return nil
	}
	defer os.RemoveAll(folder)
	wrong, err := w.run(t.Context(), s, filepath.Join(folder, "storage"))
	if err != nil {
		t.Error(err)
	}
	return wrong
}

// explain shrinks a schedule in which something is wrong, and describes it.
func explain(t *testing.T, s schedule, try func(*testing.T, schedule) []string) (schedule, string) {
	t.Helper()
	least := shrink(s, func(other schedule) bool { return len(try(t, other)) > 0 })
	return least, fmt.Sprintf("%s\n%s", strings.Join(try(t, least), "\n"), least)
}

// TestSchedules checks that storage contains what the events give and nothing
// else once every event has been in an accepted delivery, however often, in
// which order and with which faults they are delivered.
//
// To run a schedule again: -seed <seed> -schedules 1.
func TestSchedules(t *testing.T) {
	w := newWorld(t)
	samples := sampleEvents(t)
	n := *schedules
	if testing.Short() {
		n = min(n, 100)
	}
	started := time.Now()
	var next, events atomic.Int64
	var trying sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		trying.Go(func() {
			for !t.Failed() {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				s := newSchedule(uint64(*firstSeed+i), samples)
				events.Add(int64(len(s.events)))
				if len(w.try(t, s)) > 0 {
					_, text := explain(t, s, w.try)
					t.Errorf("-seed %d: %s", s.seed, text)
				}
			}
		})
	}
	trying.Wait()
	c := w.tallies
	t.Logf("%d schedules, seeds from %d: %d events published, %d deliveries, %d of them failed, %d rows, %d queue messages, %d rejections, %d blobs of 0 bytes, %s",
		n, *firstSeed, events.Load(), c.deliveries.Load(), c.failed.Load(), c.rows.Load(), c.messages.Load(), c.rejected.Load(), c.emptyBlobs.Load(), time.Since(started).Round(time.Second))
	if n >= 100 && (c.failed.Load()*4 < c.deliveries.Load() || c.rejected.Load() == 0 || c.emptyBlobs.Load() == 0) {
		t.Error("these schedules have too few faults")
	}
}

// broken is a handler with a mistake.
type broken struct {
	caller
	before func(call *bridge.Call)                             // changes the request
	after  func(call bridge.Call, answer *bridge.Answer) error // changes the answer
}

func (b broken) call(ctx context.Context, call bridge.Call) (bridge.Answer, error) {
	if b.before != nil {
		b.before(&call)
	}
	answer, err := b.caller.call(ctx, call)
	if err == nil && b.after != nil {
		err = b.after(call, &answer)
	}
	return answer, err
}

var failedKey = regexp.MustCompile(`"RowKey":"84-failed[^"]*"`)

// edit changes every string of some outputs.
func edit(answer *bridge.Answer, names string, change func(text string) string) {
	for i, output := range answer.Outputs {
		if strings.Contains(names, output.Name) {
			items := make([]dotnet.Value, len(output.Value.Items))
			for j, item := range output.Value.Items {
				items[j] = dotnet.NewString(change(item.Text))
			}
			answer.Outputs[i].Value = dotnet.NewArray(items...)
		}
	}
}

// TestSchedulesFindMistakes checks that TestSchedules finds each of these
// mistakes, and shows it in a schedule that is small enough to understand.
func TestSchedulesFindMistakes(t *testing.T) {
	good := newWorld(t)
	samples := sampleEvents(t)
	for mistake, b := range map[string]func() broken{
		"events are deduplicated in memory": func() broken {
			var seen sync.Map
			return broken{before: func(call *bridge.Call) {
				var fresh []dotnet.Value
				for _, event := range call.Events {
					if _, twice := seen.LoadOrStore(event.Compact(), true); !twice {
						fresh = append(fresh, event)
					}
				}
				call.Events, call.Many = fresh, true
			}}
		},
		"the last update of a webhook is lost": func() broken {
			return broken{after: func(call bridge.Call, answer *bridge.Answer) error {
				for i, output := range answer.Outputs {
					if last := len(output.Value.Items) - 1; call.Request != nil && last > 0 {
						answer.Outputs[i].Value = dotnet.NewArray(output.Value.Items[:last]...)
					}
				}
				return nil
			}}
		},
		"a webhook with a part that cannot be read is refused": func() broken {
			return broken{after: func(call bridge.Call, answer *bridge.Answer) error {
				if _, rejected := dotnet.NewObject(answer.Outputs...).Get("rejectedEvents"); !rejected || call.Request == nil {
					return nil
				}
				for i, output := range answer.Outputs {
					if output.Name == "response" {
						answer.Outputs[i].Value = dotnet.NewObject(dotnet.Field{Name: "statusCode", Value: dotnet.NewInteger(400)})
					}
				}
				return nil
			}}
		},
		"a key depends on the clock": func() broken {
			return broken{after: func(call bridge.Call, answer *bridge.Answer) error {
				edit(answer, "messages", func(text string) string {
					return strings.Replace(text, `"RowKey":"`, fmt.Sprintf(`"RowKey":"%d`, call.Now.Unix()), 1)
				})
				return nil
			}}
		},
		"rows are inserted": func() broken {
			return broken{after: func(_ bridge.Call, answer *bridge.Answer) error {
				edit(answer, "messages messageStatus", func(text string) string { return strings.Replace(text, `"ETag":"*",`, "", 1) })
				return nil
			}}
		},
		"rejected events are dropped": func() broken {
			return broken{after: func(_ bridge.Call, answer *bridge.Answer) error {
				for i, output := range answer.Outputs {
					if output.Name == "rejectedEvents" {
						answer.Outputs[i].Value = dotnet.Value{}
					}
				}
				return nil
			}}
		},
		"one bad event fails all": func() broken {
			return broken{after: func(_ bridge.Call, answer *bridge.Answer) error {
				if _, rejected := dotnet.NewObject(answer.Outputs...).Get("rejectedEvents"); rejected {
					return fmt.Errorf("bad event")
				}
				return nil
			}}
		},
		"a later status replaces an earlier one": func() broken {
			return broken{after: func(_ bridge.Call, answer *bridge.Answer) error {
				edit(answer, "messageStatus", func(text string) string {
					before, rest, _ := strings.Cut(text, `"RowKey":"`)
					_, after, _ := strings.Cut(rest, `"`)
					return before + `"RowKey":"status"` + after
				})
				return nil
			}}
		},
		"all failures of a message share a row": func() broken {
			return broken{after: func(_ bridge.Call, answer *bridge.Answer) error {
				edit(answer, "messageStatus", func(text string) string { return failedKey.ReplaceAllString(text, `"RowKey":"84-failed"`) })
				return nil
			}}
		},
		"a failure's row changes with each delivery": func() broken {
			return broken{after: func(call bridge.Call, answer *bridge.Answer) error {
				edit(answer, "messageStatus", func(text string) string {
					return failedKey.ReplaceAllString(text, fmt.Sprintf(`"RowKey":"84-failed-%019d"`, call.Now.Unix()))
				})
				return nil
			}}
		},
		"a request for a file is lost": func() broken {
			return broken{after: func(_ bridge.Call, answer *bridge.Answer) error {
				for i, output := range answer.Outputs {
					if last := len(output.Value.Items) - 1; output.Name == "mediaRequests" && last > 0 {
						answer.Outputs[i].Value = dotnet.NewArray(output.Value.Items[:last]...)
					}
				}
				return nil
			}}
		},
		"the name of a blob changes with each delivery": func() broken {
			return broken{after: func(call bridge.Call, answer *bridge.Answer) error {
				edit(answer, "mediaRequests", func(text string) string { return strings.Replace(text, `"blob":"`, `"blob":"`+call.GUID, 1) })
				return nil
			}}
		},
		"a queue message has a random id": func() broken {
			return broken{after: func(call bridge.Call, answer *bridge.Answer) error {
				edit(answer, "inboundMessages", func(text string) string { return strings.Replace(text, `"id":"`, `"id":"`+call.GUID, 1) })
				return nil
			}}
		},
	} {
		t.Run(mistake, func(t *testing.T) {
			t.Parallel()
			w := good
			w.tallies = new(tallies)
			try := func(t *testing.T, s schedule) []string {
				b := b() // without the memory of other schedules
				b.caller = good.handler
				w.handler = b
				return w.try(t, s)
			}
			for seed := range uint64(300) {
				s := newSchedule(seed, samples)
				if len(try(t, s)) == 0 {
					continue
				}
				least, text := explain(t, s, try)
				t.Log(text)
				if len(least.events) > 2 || len(least.deliveries) > 3 {
					t.Errorf("the schedule is not small")
				}
				return
			}
			t.Error("the mistake is not found")
		})
	}
}

// TestSchedulesAreReproducible checks that a seed always gives the same schedule.
func TestSchedulesAreReproducible(t *testing.T) {
	samples := sampleEvents(t)
	for seed := range uint64(50) {
		if one, other := newSchedule(seed, samples).String(), newSchedule(seed, samples).String(); one != other {
			t.Errorf("%s\n%s", one, other)
		}
	}
}
