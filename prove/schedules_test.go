package prove_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/prove"
)

// try runs a schedule in a folder of its own.
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

// explain shrinks a schedule in which something is wrong and says what.
func (w world) explain(t *testing.T, s schedule) (schedule, string) {
	t.Helper()
	least := shrink(s, func(other schedule) bool { return len(w.try(t, other)) > 0 })
	return least, fmt.Sprintf("%s\n%s", strings.Join(w.try(t, least), "\n"), least)
}

// However events are delivered, and whatever goes wrong on the way: once Event
// Grid has been told of each of them that it is done, all is in storage that
// comes of it, and nothing else is.
//
// To see a schedule again: PROVE_SEED=<seed> PROVE_SCHEDULES=1.
func TestSchedules(t *testing.T) {
	w := newWorld(t)
	samples := sampleEvents(t)
	schedules, first := number(t, prove.Schedules, 500), number(t, prove.Seed, 1)
	t.Logf("%d schedules, seeds from %d", schedules, first)
	started := time.Now()
	var next, events atomic.Int64
	var trying sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		trying.Go(func() {
			for !t.Failed() {
				n := int(next.Add(1)) - 1
				if n >= schedules {
					return
				}
				s := newSchedule(uint64(first+n), samples)
				events.Add(int64(len(s.events)))
				if wrong := w.try(t, s); len(wrong) > 0 {
					_, told := w.explain(t, s)
					t.Errorf("PROVE_SEED=%d: %s", s.seed, told)
				}
			}
		})
	}
	trying.Wait()
	c := w.tallies
	t.Logf("%d deliveries, %d of them failed, of %d events", c.deliveries.Load(), c.failed.Load(), events.Load())
	if c.failed.Load()*4 < c.deliveries.Load() || c.rejected.Load() == 0 {
		t.Error("hardly anything goes wrong in these schedules")
	}
	prove.Table{
		Columns: []string{"schedules", "seeds", "events published", "deliveries", "of them failed", "rows", "queue messages", "rejections", "lost", "went backwards", "time"},
		Rows: [][]string{{
			prove.Count(schedules), fmt.Sprintf("%d–%d", first, first+schedules-1), prove.Count(events.Load()), prove.Count(c.deliveries.Load()), prove.Count(c.failed.Load()),
			prove.Count(c.rows.Load()), prove.Count(c.messages.Load()), prove.Count(c.rejected.Load()), lostIf(t), lostIf(t), time.Since(started).Round(time.Second).String(),
		}},
	}.Save(t, "schedules")
}

// lostIf is how many were lost, in a test that fails over the first.
func lostIf(t *testing.T) string {
	if t.Failed() {
		return "see the test"
	}
	return "0"
}

// broken is a handler with a mistake.
type broken struct {
	caller
	// before changes what it is asked, after what it answers.
	before func(call *bridge.Call)
	after  func(call bridge.Call, answer *bridge.Answer) error
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

// edit changes every text of some outputs.
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

// What the test above is worth: it finds each of these mistakes, and shows it
// in a schedule so small that a person sees what is wrong.
func TestSchedulesFindMistakes(t *testing.T) {
	good := newWorld(t)
	samples := sampleEvents(t)
	for mistake, b := range map[string]func() broken{
		"events are deduped in memory": func() broken {
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
			// A handler that remembers must forget from try to try.
			fresh := func() world {
				b := b()
				b.caller = good.handler
				w.handler = b
				return w
			}
			for seed := range 300 {
				s := newSchedule(uint64(seed), samples)
				if len(fresh().try(t, s)) == 0 {
					continue
				}
				least := shrink(s, func(other schedule) bool { return len(fresh().try(t, other)) > 0 })
				t.Logf("%s\n%s", strings.Join(fresh().try(t, least), "\n"), least)
				if len(least.events) > 2 || len(least.deliveries) > 3 {
					t.Errorf("that is not small")
				}
				return
			}
			t.Error("it is not found")
		})
	}
}

// The same seed is the same schedule, or it would tell nobody anything.
func TestSchedulesAreTheSame(t *testing.T) {
	samples := sampleEvents(t)
	for seed := range uint64(50) {
		if one, other := newSchedule(seed, samples).String(), newSchedule(seed, samples).String(); one != other {
			t.Errorf("%s\n%s", one, other)
		}
	}
}
