package app

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"whatsapp-functions/devhost/dotnet"
)

const functionFile = "function.json"

// Function is a folder with a function.json.
type Function struct {
	// Name is the name of the folder.
	Name string
	// Trigger is the binding that invokes it.
	Trigger Binding
	// Route is set if the trigger is HTTP.
	Route *Route
	// Queue is the name of the queue whose messages invoke it; empty if the
	// trigger is of another type.
	Queue string
	// Outputs are the output bindings, in order.
	Outputs []Binding
	// Retry is its own retry policy; nil if it has none.
	Retry *Retry
}

// Inactive is a function that the host does not run: its webhook answers 404.
type Inactive struct {
	Name string
	// TriggerType is the type of its trigger; empty if it has none.
	TriggerType string
	// Disabled means that an app setting disables it. Otherwise Reason is a
	// fault, or that host.json leaves it out.
	Disabled bool
	// InError means that its function.json is at fault.
	InError bool
	// Unlisted means that the host does not list it among its functions.
	Unlisted bool
	Reason   string
}

// functionName is the form that the host takes (Utility.cs).
var functionName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,127}$`)

// readFunctions reads all functions, in the order of their names.
func (a *App) readFunctions(found *findings) error {
	files, err := filepath.Glob(filepath.Join(a.Root, "*", functionFile))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("%s has no function: there is no folder with a %s", a.Root, functionFile)
	}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		function, inactive := a.readFunction(name, found)
		switch listed := a.Host.functions; {
		case inactive.Reason != "":
		case a.disabled(name):
			inactive.Disabled, inactive.Reason = true, "disabled by an app setting"
		case listed != nil && !slices.ContainsFunc(listed, func(other string) bool { return strings.EqualFold(other, name) }):
			inactive.Reason = "functions in host.json does not name it"
		default:
			a.Functions = append(a.Functions, function)
			continue
		}
		a.Inactive = append(a.Inactive, inactive)
	}
	a.checkRoutes()
	a.checkQueues(found)
	return nil
}

// readFunction reads a function. If it has a fault, the second result has a
// reason.
func (a *App) readFunction(name string, all *findings) (function Function, inactive Inactive) {
	file := path.Join(name, functionFile)
	inactive = Inactive{Name: name, InError: true, Unlisted: true}
	value, err := read(a.Root, file)
	if err != nil {
		inactive.Reason = err.Error()
		return function, inactive
	}
	found := &findings{}
	top := section{file: file, value: value, found: found}
	if !functionName.MatchString(name) {
		inactive.Reason = fmt.Sprintf("%s: the folder's name %q is not valid for a function", file, name)
		return function, inactive
	}
	bindings, _ := value.Fold("bindings")
	var bound []Binding
	for i, item := range bindings.Items {
		b := newBinding(section{file: file, path: fmt.Sprintf("bindings[%d].", i), value: item, found: found})
		if b.isTrigger() && inactive.TriggerType == "" {
			inactive.TriggerType = b.Type
		}
		bound = append(bound, b)
	}
	if script := top.string("scriptFile", ""); script != "" {
		if _, err := os.Stat(filepath.Join(a.Root, name, script)); err != nil {
			top.fault("scriptFile", fmt.Sprintf("is %q, which does not exist: a custom handler needs none", script))
		}
	}
	function = Function{Name: name, Retry: readRetry(top)}
	if len(found.faults) == 0 {
		inactive.Unlisted = false
		function.bind(top, bound, a.Setting)
	}
	if disabled, ok := value.Fold("disabled"); ok && disabled.Kind != dotnet.KindNull && (disabled.Kind != dotnet.KindBool || disabled.Bool) {
		top.warn("disabled", fmt.Sprintf("is ignored for custom handlers: the function runs. To disable it set AzureWebJobs.%s.Disabled", name))
	}
	if err := found.err(); err != nil {
		inactive.Reason = strings.ReplaceAll(err.Error(), "\n", "; ")
		return function, inactive
	}
	inactive.InError = false
	all.warnings = append(all.warnings, found.warnings...)
	return function, inactive
}

// bind sorts the bindings. It checks what the host checks when it has read all
// functions. setting returns an app setting.
func (f *Function) bind(top section, bindings []Binding, setting func(name string) (string, bool)) {
	names := map[string]bool{}
	for _, b := range bindings {
		key := strings.ToLower(b.Name)
		switch {
		case !bindingName.MatchString(b.Name):
			b.fields.fault("name", fmt.Sprintf("is %q: it must be letters and digits, a letter first", b.Name))
		case names[key]:
			b.fields.fault("name", fmt.Sprintf("is %q, like that of another binding", b.Name))
		case b.isTrigger() && f.Trigger.Name != "":
			b.fields.fault("type", "is a second trigger")
		case b.isTrigger():
			f.Trigger = b
			switch {
			case b.Is(HTTPTrigger):
				f.Route = readRoute(b, f.Name)
			case b.Is(QueueTrigger):
				f.Queue = readQueue(b, setting)
			case !b.Is(EventGridTrigger):
				b.fields.fault("type", fmt.Sprintf("is %q: devhost supports %s, %s and %s", b.Type, EventGridTrigger, HTTPTrigger, QueueTrigger))
			}
		case b.output:
			f.addOutput(b)
		default:
			b.fields.fault("direction", fmt.Sprintf(`is "in": devhost has no input bindings; write "out" if %s is an output`, b.Name))
		}
		names[key] = true
	}
	if f.Trigger.Name == "" && top.found.err() == nil {
		top.fault("bindings", "has no trigger")
	}
	f.checkHTTP()
}
