package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBatchesKeepTheLimitsOfTheSubscriptions(t *testing.T) {
	routes := routes{{EventType: "a", Function: "A"}, {EventType: "b", Function: "B"}}
	small := event{text: []byte(`{"type":"a"}`)}
	large := event{text: []byte(`{"type":"a","data":"` + strings.Repeat("x", 40<<10) + `"}`)}
	huge := event{text: []byte(`{"type":"a","data":"` + strings.Repeat("x", 100<<10) + `"}`)}
	other := event{text: []byte(`{"type":"b"}`)}
	repeat := func(e event, n int) (events []event) {
		for range n {
			events = append(events, e)
		}
		return events
	}
	for name, test := range map[string]struct {
		events []event
		want   []int
	}{
		"none":                          {nil, nil},
		"at most 100 events":            {repeat(small, 250), []int{100, 100, 50}},
		"at most 64 KiB":                {repeat(large, 3), []int{1, 1, 1}},
		"a larger event alone":          {[]event{small, huge, small}, []int{1, 1, 1}},
		"events of different functions": {[]event{small, small, other, small}, []int{2, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			var sizes []int
			for _, b := range routes.batches(test.events) {
				sizes = append(sizes, len(b.events))
			}
			if diff := cmp.Diff(test.want, sizes); diff != "" {
				t.Error(diff)
			}
		})
	}
}
