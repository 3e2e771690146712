package app

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"whatsapp-functions/devhost/dotnet"
)

const functionFile = "function.json"

// Function is a folder with a function.json.
type Function struct {
	// Name is the folder's.
	Name string
	// Trigger is the one binding that calls it.
	Trigger Binding
	// Outputs are the bindings that it writes to, in order.
	Outputs []Binding
	// Retry is its own retry policy, if it has one.
	Retry *Retry
}

// EventGridTrigger is the type of the triggers that events call.
const EventGridTrigger = "eventGridTrigger"

// Binding is one binding of a function.json.
type Binding struct {
	// Name is what the handler knows it by.
	Name string
	// Type is as it is written, such as "queue".
	Type string
	// DataType is "binary", "string", "stream" or "".
	DataType string
	// Many says that the trigger hands over a delivery as a whole.
	Many bool
	// members are all of the binding's members.
	members section
}

// Text is a member of the binding, such as queueName, or "".
func (b Binding) Text(name string) string {
	return b.members.text(name, "")
}

// Is reports whether the binding is of this type, in whatever case.
func (b Binding) Is(bindingType string) bool {
	return strings.EqualFold(b.Type, bindingType)
}

// The names that the host takes (Utility.cs).
var (
	functionName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,127}$`)
	bindingName  = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9]{0,127}|\$return)$`)
)

func readFunctions(root string) ([]Function, error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, err
	}
	var functions []Function
	var wrong []error
	for _, entry := range entries {
		file := path.Join(entry.Name(), functionFile)
		if _, err := os.Stat(path.Join(root, file)); err != nil {
			continue
		}
		function, err := readFunction(root, entry.Name(), file)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		functions = append(functions, function)
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	if len(functions) == 0 {
		return nil, fmt.Errorf("%s has no function: no folder with a %s; the host would never start the handler", root, functionFile)
	}
	slices.SortFunc(functions, func(a, b Function) int { return cmp.Compare(a.Name, b.Name) })
	return functions, nil
}

func readFunction(root, name, file string) (Function, error) {
	value, err := read(root, file)
	if err != nil {
		return Function{}, err
	}
	if !functionName.MatchString(name) {
		return Function{}, fmt.Errorf("%s: its folder's name, %q, is none that a function may have", file, name)
	}
	top := newSection(file, value)
	function := Function{Name: name, Retry: readRetry(top)}
	bindings, _ := value.Fold("bindings")
	if bindings.Kind != dotnet.KindArray || len(bindings.Items) == 0 {
		top.complain("bindings", "must be an array with a trigger in it")
		return Function{}, top.err()
	}
	for i, item := range bindings.Items {
		members := section{file: file, path: fmt.Sprintf("bindings[%d].", i), value: item, found: true, wrong: top.wrong}
		function.add(members)
	}
	if function.Trigger.Name == "" && top.err() == nil {
		top.complain("bindings", "has no trigger")
	}
	return function, top.err()
}

// add takes a binding to the others.
func (f *Function) add(members section) {
	b := Binding{
		Name:     members.text("name", ""),
		Type:     members.text("type", ""),
		DataType: strings.ToLower(members.text("dataType", "")),
		Many:     strings.EqualFold(members.text("cardinality", "one"), "many"),
		members:  members,
	}
	if !bindingName.MatchString(b.Name) {
		members.complain("name", fmt.Sprintf("is %q: it must be letters and digits", b.Name))
	}
	trigger := strings.HasSuffix(strings.ToLower(b.Type), "trigger")
	switch direction := strings.ToLower(members.text("direction", "")); {
	case direction == "in" && trigger && f.Trigger.Name != "":
		members.complain("type", "is a second trigger")
	case direction == "in" && b.Is(EventGridTrigger):
		f.Trigger = b
	case direction == "in" && trigger:
		members.complain("type", fmt.Sprintf("is %q: devhost knows the eventGridTrigger only", b.Type))
	case direction == "in":
		members.complain("type", fmt.Sprintf("is %q: devhost knows no input bindings", b.Type))
	case direction == "out" && isOutput(b):
		f.Outputs = append(f.Outputs, b)
	case direction == "out":
		members.complain("type", fmt.Sprintf("is %q: devhost knows queue, table and blob", b.Type))
	default:
		members.complain("direction", fmt.Sprintf(`is %q: write "in" or "out"`, direction))
	}
}

// outputTypes are the output bindings that devhost writes.
var outputTypes = []string{"queue", "table", "blob"}

func isOutput(b Binding) bool {
	return slices.ContainsFunc(outputTypes, b.Is)
}
