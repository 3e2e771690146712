package bridge

import (
	"slices"

	"github.com/rs/zerolog"
)

// tallies count things by name, in the order of their first mention.
type tallies []tally

type tally struct {
	name   string
	number int
}

func (t tallies) add(name string, number int) tallies {
	i := slices.IndexFunc(t, func(t tally) bool { return t.name == name })
	if i < 0 {
		return append(t, tally{name, number})
	}
	t[i].number += number
	return t
}

func (t tallies) dict() *zerolog.Event {
	dict := zerolog.Dict()
	for _, tally := range t {
		dict.Int(tally.name, tally.number)
	}
	return dict
}

// reasons counts the rejections of an invocation by their reason.
func (call *invocation) reasons(t tallies) tallies {
	for _, r := range call.rejected {
		t = t.add(string(r.Reason), 1)
	}
	return t
}

// items counts what the invocation writes by output.
func (call *invocation) items(t tallies) tallies {
	for i, name := range call.outputs.names {
		if number := call.outputs.written[i].number; number > 0 {
			t = t.add(name, number)
		}
	}
	if len(call.rejected) > 0 {
		t = t.add(rejectedEvents.Name, 1)
	}
	return t
}

// counted counts what the function counted in a group.
func (call *invocation) counted(group string, t tallies) tallies {
	for _, c := range call.outputs.counts {
		if c.group == group {
			t = t.add(c.name, 1)
		}
	}
	return t
}
