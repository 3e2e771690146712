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
	// Written says that an output is written, not only recorded.
	Written bool
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

func readFunctions(root string, settings Settings, notes *notes) ([]Function, error) {
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
		function, disabled, err := readFunction(root, entry.Name(), file, notes)
		switch setting := settings["AzureWebJobs."+entry.Name()+".Disabled"]; {
		case err != nil:
			wrong = append(wrong, err)
		case disabled || setting == "1" || strings.EqualFold(setting, "true"):
			notes.warnings = append(notes.warnings, file+": the function is disabled")
		default:
			functions = append(functions, function)
		}
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

func readFunction(root, name, file string, all *notes) (function Function, disabled bool, err error) {
	value, err := read(root, file)
	if err != nil {
		return function, false, err
	}
	if !functionName.MatchString(name) {
		return function, false, fmt.Errorf("%s: its folder's name, %q, is none that a function may have", file, name)
	}
	var notes notes
	top := newSection(file, value, &notes)
	function = Function{Name: name, Retry: readRetry(top)}
	bindings, _ := value.Fold("bindings")
	if bindings.Kind != dotnet.KindArray || len(bindings.Items) == 0 {
		top.complain("bindings", "must be an array with a trigger in it")
		return function, false, notes.err()
	}
	for i, item := range bindings.Items {
		function.add(section{file: file, path: fmt.Sprintf("bindings[%d].", i), value: item, found: true, notes: &notes})
	}
	if function.Trigger.Name == "" && notes.err() == nil {
		top.complain("bindings", "has no trigger")
	}
	all.warnings = append(all.warnings, notes.warnings...)
	return function, top.truth("disabled", false), notes.err()
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
	switch direction := strings.ToLower(members.text("direction", "")); direction {
	case "in":
		f.addInput(b)
	case "out":
		f.addOutput(b)
	default:
		members.complain("direction", fmt.Sprintf(`is %q: write "in" or "out"`, direction))
	}
}

func (f *Function) addInput(b Binding) {
	switch {
	case !strings.HasSuffix(strings.ToLower(b.Type), "trigger"):
		b.members.complain("direction", fmt.Sprintf(`is "in": devhost knows no input bindings; write "out" if %s is an output`, b.Name))
	case f.Trigger.Name != "":
		b.members.complain("type", "is a second trigger")
	case !b.Is(EventGridTrigger):
		b.members.complain("type", fmt.Sprintf("is %q: devhost knows the eventGridTrigger only", b.Type))
	default:
		f.Trigger = b
	}
}

// outputTypes are the output bindings that devhost knows, each with the member
// that names where it goes. Those of the first kind are written; of the others
// it is only recorded what would be sent.
var outputTypes = []struct {
	name    string
	target  string
	written bool
}{
	{"queue", "queueName", true},
	{"table", "tableName", true},
	{"blob", "path", true},
	{"serviceBus", "", false},
	{"eventHub", "eventHubName", false},
	{"eventGrid", "", false},
	{"cosmosDB", "containerName", false},
}

func (f *Function) addOutput(b Binding) {
	for _, known := range outputTypes {
		if !b.Is(known.name) {
			continue
		}
		target := b.Text(known.target)
		switch {
		case known.target != "" && target == "":
			b.members.warn(known.target, "is missing: every invocation that writes this output fails")
		case known.name == "blob" && !strings.Contains(target, "{"):
			b.members.warn(known.target, "has no expression such as {rand-guid}: every invocation writes over the blob of the one before")
		case !known.written:
			b.members.warn("type", fmt.Sprintf("is %q: devhost records what it would send, and sends nothing", b.Type))
		}
		b.Written = known.written
		f.Outputs = append(f.Outputs, b)
		return
	}
	b.members.complain("type", fmt.Sprintf("is %q: devhost knows queue, table, blob, serviceBus, eventHub, eventGrid and cosmosDB", b.Type))
}
