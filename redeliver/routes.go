package main

import (
	"encoding/json/v2"
	"fmt"
	"os"
	"slices"
	"strings"
)

// The limits of a delivery, as the subscriptions set them: the host writes a
// batch's queue messages one by one.
const (
	mostEvents = 100
	mostBytes  = 64 << 10
)

// routes list which function takes which event type.
type routes []route

type route struct {
	EventType string `json:"eventType"`
	Function  string `json:"function"`
}

func readRoutes(file string) (routes, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%w: run redeliver in the repository's folder, or name the file with --subscriptions", err)
	}
	var list struct {
		Subscriptions routes `json:"subscriptions"`
		// Redelivered are types that no subscription delivers.
		Redelivered routes `json:"redelivered"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return append(list.Subscriptions, list.Redelivered...), nil
}

// functions returns the functions that take events from Event Grid.
func (r routes) functions() (names []string) {
	for _, route := range r {
		if !slices.Contains(names, route.Function) {
			names = append(names, route.Function)
		}
	}
	return names
}

// function returns the function for an event's type, else the function that
// rejected the event if it takes events from Event Grid, else "". An event may have
// the type fields of both schemas.
func (r routes) function(e event) string {
	var types struct {
		Type      any `json:"type"`
		EventType any `json:"eventType"`
	}
	_ = json.Unmarshal(e.text, &types, lenient)
	for _, value := range []any{types.Type, types.EventType} {
		for _, route := range r {
			if name, ok := value.(string); ok && strings.EqualFold(route.EventType, name) {
				return route.Function
			}
		}
	}
	if slices.Contains(r.functions(), e.function) {
		return e.function
	}
	return ""
}

// batch is what one request delivers.
type batch struct {
	function string
	events   []event
}

// batches groups consecutive events of the same function.
func (r routes) batches(events []event) (batches []batch) {
	size := 0
	for _, e := range events {
		function := r.function(e)
		size += len(e.text)
		last := len(batches) - 1
		if last < 0 || batches[last].function != function || len(batches[last].events) == mostEvents || size > mostBytes {
			batches, last, size = append(batches, batch{function: function}), last+1, len(e.text)
		}
		batches[last].events = append(batches[last].events, e)
	}
	return batches
}
