package bridge

import (
	"fmt"
	"strings"
	"time"

	"whatsapp-functions/devhost/dotnet"
)

// Expressions resolves what stands in percent signs and braces in the names
// and paths of an output.
type Expressions struct {
	// Setting returns an app setting.
	Setting func(name string) (string, bool)
	// Data is the data of the event that triggered the function; null for
	// many events, which no expression can tell apart.
	Data dotnet.Value
	// Function is the function's name.
	Function string
	// Now is the time of {datetime} and {sys.utcnow}.
	Now time.Time
	// GUID makes a new GUID.
	GUID func() string
}

// Resolve replaces %SETTING% first, then {expressions}. An expression that has
// no value is an error: it fails the invocation.
func (e Expressions) Resolve(text string) (string, error) {
	text, err := replace(text, '%', '%', func(name string) (string, error) {
		if value, ok := e.Setting(name); ok {
			return value, nil
		}
		return "", fmt.Errorf("%%%s%% is no app setting", name)
	})
	if err != nil {
		return "", err
	}
	return replace(text, '{', '}', e.value)
}

// replace replaces all that stands between two characters.
func replace(text string, begin, end byte, value func(string) (string, error)) (string, error) {
	var resolved strings.Builder
	for {
		before, rest, ok := strings.Cut(text, string(begin))
		resolved.WriteString(before)
		if !ok {
			return resolved.String(), nil
		}
		name, after, ok := strings.Cut(rest, string(end))
		if !ok {
			return "", fmt.Errorf("%q is not closed by %q", string(begin)+rest, end)
		}
		replacement, err := value(name)
		if err != nil {
			return "", err
		}
		resolved.WriteString(replacement)
		text = after
	}
}

// value is the value of one expression, name or name:format.
func (e Expressions) value(expression string) (string, error) {
	name, format, _ := strings.Cut(expression, ":")
	switch lower := strings.ToLower(name); lower {
	case "rand-guid":
		return formatGUID(e.GUID(), format)
	case "datetime":
		if format == "" {
			format = "yyyy-MM-ddTHH-mm-ssK"
		}
		return dotnet.FormatTime(e.Now, format)
	case "sys.utcnow":
		if format == "" {
			return dotnet.Date{Time: e.Now}.Culture(), nil
		}
		return dotnet.FormatTime(e.Now, format)
	case "sys.randguid":
		return formatGUID(e.GUID(), format)
	case "sys.methodname":
		return e.Function, nil
	default:
		if path, ok := strings.CutPrefix(lower, "data."); ok && e.Data.Kind == dotnet.KindObject {
			return member(e.Data, expression, path)
		}
		return "", fmt.Errorf("{%s} has no value: an Event Grid trigger gives {data.…} (of a single event), {sys.…}, {rand-guid} and {datetime}", expression)
	}
}

// member follows a path of names, in any case, to a scalar.
func member(v dotnet.Value, expression, path string) (string, error) {
	for name := range strings.SplitSeq(path, ".") {
		next, ok := v.Fold(name)
		if !ok {
			return "", fmt.Errorf("{%s} has no value: the event's data has no such member", expression)
		}
		v = next
	}
	if v.Kind == dotnet.KindObject || v.Kind == dotnet.KindArray {
		return "", nil
	}
	return v.String(), nil
}

func formatGUID(guid, format string) (string, error) {
	switch strings.ToUpper(format) {
	case "", "D":
		return guid, nil
	case "N":
		return strings.ReplaceAll(guid, "-", ""), nil
	case "B":
		return "{" + guid + "}", nil
	case "P":
		return "(" + guid + ")", nil
	default:
		return "", fmt.Errorf("%q is no format of a GUID: D, N, B or P", format)
	}
}
