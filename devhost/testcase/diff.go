package testcase

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"maps"
	"slices"
)

// Diff returns the differences of another case's outputs, one line for each, such
// as
//
//	inboundMessages[0].data.kind: "text", now "image"
func (c Case) Diff(now Case) []string {
	var d differences
	d.compare("error", c.Error, now.Error)
	for _, name := range union(c.Outputs, now.Outputs) {
		before, after := c.Outputs[name], now.Outputs[name]
		for i := range max(len(before), len(after)) {
			place := fmt.Sprintf("%s[%d]", name, i)
			switch {
			case i >= len(after):
				d.add(place, string(before[i]), "nothing")
			case i >= len(before):
				d.add(place, "nothing", string(after[i]))
			default:
				d.compare(place, decode(before[i]), decode(after[i]))
			}
		}
	}
	return d
}

func decode(value jsontext.Value) any {
	var decoded any
	if err := json.Unmarshal(value, &decoded, loose...); err != nil {
		return string(value)
	}
	return decoded
}

type differences []string

func (d *differences) add(place, before, after string) {
	*d = append(*d, fmt.Sprintf("%s: %s, now %s", place, before, after))
}

// compare compares two decoded values, field by field.
func (d *differences) compare(place string, before, after any) {
	object, isObject := before.(map[string]any)
	other, isAlso := after.(map[string]any)
	if isObject && isAlso {
		for _, name := range union(object, other) {
			place := place + "." + name
			_, was := object[name]
			_, is := other[name]
			switch {
			case !is:
				d.add(place, encode(object[name]), "absent")
			case !was:
				d.add(place, "absent", encode(other[name]))
			default:
				d.compare(place, object[name], other[name])
			}
		}
		return
	}
	list, isList := before.([]any)
	otherList, isAlso := after.([]any)
	if isList && isAlso && len(list) == len(otherList) {
		for i := range list {
			d.compare(fmt.Sprintf("%s[%d]", place, i), list[i], otherList[i])
		}
		return
	}
	if b, a := encode(before), encode(after); b != a {
		d.add(place, b, a)
	}
}

func encode(value any) string {
	text, err := json.Marshal(value, append(loose, json.Deterministic(true))...)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// union returns the names of both maps, in order.
func union[T any](a, b map[string]T) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]T{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}
