package main

import (
	"context"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// search finds what an account holds of a person.
type search struct {
	options
	account account
	person  *person

	// found are the items, by place in the order of the search.
	found []finding
	// mentions counts the items about other people that mention the person, by place.
	mentions map[string]int
	// problems are the reasons why something was not read.
	problems []error
	// queued are the messages of a queue that were looked at, by its name.
	queued map[string][]message
	// unseen are notes about the messages that were not.
	unseen []string
}

// finding is something that is stored of the person.
type finding struct {
	// place is the kind and name of a table, queue or container.
	place string
	// lines are what export prints: a line for each item.
	lines []jsontext.Value
	// row, file or events is set; a message has none.
	row    *row
	file   *file
	events *events
	// depth orders the deletion of rows: those that link the given identities to
	// others are deleted last, so that an interrupted deletion can be repeated.
	depth int
}

// find searches all places, again and again until it learns no other identity,
// message or file of the person.
func (s *search) find(ctx context.Context) error {
	s.queued, s.unseen = map[string][]message{}, nil
	for known := -1; known != s.person.known(); {
		known = s.person.known()
		s.found, s.mentions, s.problems = nil, map[string]int{}, nil
		for _, read := range []func(context.Context) error{s.readRows, s.readQueues, s.readEvents, s.readFiles} {
			err := read(ctx)
			switch {
			case ctx.Err() != nil:
				return errors.New("interrupted")
			case err != nil && unreachable(err):
				return err // other requests would wait as long
			case err != nil:
				s.problems = append(s.problems, err)
			}
		}
	}
	return nil
}

// learn takes what an item of the person shows about the person.
func (s *search) learn(i parties) { s.person.learn(i, !s.withoutLinks) }

// concerns reports whether an item with this text is about the person. If the item
// names nobody in the fields for people, every mention counts.
func (s *search) concerns(place string, i parties, text string) bool {
	switch {
	case s.person.owns(i):
		s.learn(i)
		return true
	case slices.ContainsFunc(i.people, s.person.is): // in another channel
		return false
	case !s.person.mentioned(text):
		return false
	case i.isEmpty():
		return true
	default:
		s.mentions[place]++
		return false
	}
}

// summary lists how many items were found in each place, and what else was noticed.
func (s *search) summary() string {
	var text strings.Builder
	var places []string
	counts := map[string]int{}
	for _, f := range s.found {
		if counts[f.place] == 0 {
			places = append(places, f.place)
		}
		counts[f.place] += len(f.lines)
	}
	fmt.Fprintln(&text, s.person)
	for _, place := range places {
		fmt.Fprintf(&text, "%s: %d\n", place, counts[place])
	}
	if len(places) == 0 {
		fmt.Fprintln(&text, "nothing found")
	}
	for _, place := range sorted(s.mentions) {
		fmt.Fprintf(&text, "%s: %d of other people mention the person, for example as a contact card: not included\n", place, s.mentions[place])
	}
	return text.String()
}

func sorted(counts map[string]int) (names []string) {
	for name := range counts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// line returns a line of the export.
func line(members ...any) jsontext.Value {
	var text jsontext.Value
	text = append(text, '{')
	for i := 0; i < len(members); i += 2 {
		if i > 0 {
			text = append(text, ',')
		}
		text, _ = jsontext.AppendQuote(text, members[i].(string))
		text = append(text, ':')
		switch value := members[i+1].(type) {
		case string:
			text, _ = jsontext.AppendQuote(text, strings.ToValidUTF8(value, "\uFFFD"))
		case jsontext.Value:
			text = append(text, value...)
		default:
			text = fmt.Append(text, value)
		}
	}
	return append(text, '}')
}
