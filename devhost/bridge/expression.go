package bridge

import (
	"fmt"
	"strings"
	"time"

	"whatsapp-functions/devhost/dotnet"
)

// Expressions resolves binding expressions in the names and paths of outputs.
type Expressions struct {
	// Setting returns an app setting.
	Setting func(name string) (string, bool)
	// Data is the trigger's binding data, see [Call.BindingData].
	Data dotnet.Value
	// Function is the function's name.
	Function string
	// Now is the time of {datetime} and {sys.utcnow}.
	Now time.Time
	// GUID returns a new GUID.
	GUID func() string
}

// Resolve replaces %SETTING% first, then {expression}. An expression without a
// value is an error and fails the invocation.
func (e Expressions) Resolve(text string) (string, error) {
	text, err := replace(text, "%", "%", func(name string) (string, error) {
		if value, ok := e.Setting(name); ok {
			return value, nil
		}
		return "", fmt.Errorf("%%%s%% is not an app setting", name)
	})
	if err != nil {
		return "", err
	}
	return replace(text, "{", "}", e.value)
}

// replace replaces everything between two delimiters.
func replace(text, begin, end string, value func(string) (string, error)) (string, error) {
	var resolved strings.Builder
	for {
		before, rest, ok := strings.Cut(text, begin)
		resolved.WriteString(before)
		if !ok {
			return resolved.String(), nil
		}
		name, after, ok := strings.Cut(rest, end)
		if !ok {
			return "", fmt.Errorf("%q has no closing %q", begin+rest, end)
		}
		replacement, err := value(name)
		if err != nil {
			return "", err
		}
		resolved.WriteString(replacement)
		text = after
	}
}

// value returns the value of an expression: a name in any case, and a format
// after a colon (BindingTemplateToken.cs).
func (e Expressions) value(expression string) (string, error) {
	name, format, _ := strings.Cut(expression, ":")
	lower := strings.ToLower(name)
	first, _, _ := strings.Cut(lower, ".")
	if _, provided := e.Data.Fold(first); provided {
		if first == "sys" {
			return "", fmt.Errorf("{%s} has no value: the query, the body or the message has a field called sys", expression)
		}
		return scalar(e.Data, expression, name)
	}
	switch lower {
	case "rand-guid", "sys.randguid":
		return formatGUID(e.GUID(), format)
	case "datetime":
		if format == "" {
			format = "yyyy-MM-ddTHH-mm-ssK"
		}
		return dotnet.FormatTime(e.Now, format)
	case "sys.utcnow":
		if format == "" {
			format = "G"
		}
		return dotnet.FormatTime(e.Now, format)
	case "sys.methodname":
		return e.Function, nil
	default:
		return "", fmt.Errorf("{%s} has no value: an Event Grid trigger provides {data.…} (of a single event), an HTTP trigger the query and the fields of the body, a queue trigger {queueTrigger}, {id} and the fields of the message, and all of them {sys.…}, {rand-guid} and {datetime}", expression)
	}
}

// scalar follows a path of names, in any case. An object or array in another one
// is empty text.
func scalar(v dotnet.Value, expression, path string) (string, error) {
	for name := range strings.SplitSeq(path, ".") {
		next, ok := v.Fold(name)
		if !ok {
			return "", fmt.Errorf("{%s} has no value: there is no such field", expression)
		}
		v = next
	}
	switch isScalar := v.Kind != dotnet.KindObject && v.Kind != dotnet.KindArray; {
	case !isScalar && !strings.Contains(path, "."):
		return "", fmt.Errorf("{%s} has no value: it is an object or array", expression)
	case !isScalar:
		return "", nil
	}
	return v.String(), nil
}

// formatGUID formats a GUID by a .NET format.
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
		return "", fmt.Errorf("%q is not a format of a GUID: D, N, B or P", format)
	}
}
