package main

import (
	"context"
	"slices"
	"strings"
)

// known are the places that are searched.
func (s *search) known() (places []string) {
	for _, queue := range s.queueNames() {
		places = append(places, "queue "+queue)
	}
	for _, container := range slices.Concat(s.eventContainers, []string{s.mediaContainer}) {
		places = append(places, "container "+container)
	}
	return append(places, "table "+messages, "table "+statuses)
}

// others lists the queues, tables and containers of the account that are not known,
// except those of the Functions host and of Azure.
func (a account) others(ctx context.Context, known []string) (places []string, err error) {
	add := func(kind string, name *string) {
		place := kind + " " + *name
		if !slices.Contains(known, place) && !strings.HasPrefix(*name, "azure-webjobs-") && !strings.HasPrefix(*name, "$") {
			places = append(places, place)
		}
	}
	queues := a.queues.NewListQueuesPager(nil)
	for queues.More() {
		page, err := queues.NextPage(ctx)
		if err != nil {
			return places, err
		}
		for _, queue := range page.Queues {
			add("queue", queue.Name)
		}
	}
	tables := a.tables.NewListTablesPager(nil)
	for tables.More() {
		page, err := tables.NextPage(ctx)
		if err != nil {
			return places, err
		}
		for _, table := range page.Tables {
			add("table", table.Name)
		}
	}
	containers := a.blobs.NewListContainersPager(nil)
	for containers.More() {
		page, err := containers.NextPage(ctx)
		if err != nil {
			return places, err
		}
		for _, container := range page.ContainerItems {
			add("container", container.Name)
		}
	}
	return places, nil
}
