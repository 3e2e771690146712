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

func (t *tallies) add(name string, number int) {
	i := slices.IndexFunc(*t, func(t tally) bool { return t.name == name })
	if i < 0 {
		*t = append(*t, tally{name, number})
		return
	}
	(*t)[i].number += number
}

func (t tallies) dict() *zerolog.Event {
	dict := zerolog.Dict()
	for _, tally := range t {
		dict.Int(tally.name, tally.number)
	}
	return dict
}

// reasons counts the rejections of an invocation by their reason.
func (call *invocation) reasons() (t tallies) {
	for _, r := range call.rejected {
		t.add(string(r.Reason), 1)
	}
	return t
}

// items counts what the invocation writes by output.
func (call *invocation) items() (t tallies) {
	for i, name := range call.outputs.names {
		if number := call.outputs.written[i].number; number > 0 {
			t.add(name, number)
		}
	}
	if len(call.rejected) > 0 {
		t.add(rejectedEvents.Name, 1)
	}
	return t
}

// groups names the groups in which the function counted.
func (call *invocation) groups() (names []string) {
	for _, c := range call.outputs.counts {
		if !slices.Contains(names, c.group) {
			names = append(names, c.group)
		}
	}
	return names
}

// counted counts what the function counted in a group.
func (call *invocation) counted(group string) (t tallies) {
	for _, c := range call.outputs.counts {
		if c.group == group {
			t.add(c.name, 1)
		}
	}
	return t
}
