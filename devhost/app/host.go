package app

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

const hostFile = "host.json"

// Host is what host.json says, with the host's defaults for what it does not
// say (ScriptJobHostOptionsSetup.cs, HttpWorkerOptionsSetup.cs).
type Host struct {
	// Handler is the custom handler.
	Handler Handler
	// FunctionTimeout is how long an invocation may take.
	FunctionTimeout time.Duration
	// Retry is the policy of functions that have none of their own; nil for
	// no retries.
	Retry *Retry
	// QueueText says that queue messages are stored as they are, not in
	// base64 (extensions.queues.messageEncoding: none).
	QueueText bool
}

// Handler is the section customHandler.
type Handler struct {
	// Executable is the program, as it is written.
	Executable string
	// Arguments go to the program, in order.
	Arguments []string
	// WorkerPath goes to the program between the two kinds of arguments, in
	// quotes.
	WorkerPath string
	// WorkerArguments go last.
	WorkerArguments []string
	// WorkingDirectory is where the program runs, relative to the app.
	WorkingDirectory string
	// WorkerDirectory is where the program is looked for, relative to the app.
	WorkerDirectory string
	// StderrIsError makes every line on stderr an error that does not say
	// "warn".
	StderrIsError bool
	// StartTimeout is how long the program may take until it listens.
	StartTimeout time.Duration
	// Forwarding is enableForwardingHttpRequest. For events it means that
	// redirections are not followed.
	Forwarding bool
	// Port is the port it must listen on; 0 for any that is free.
	Port int
}

func readHost(root string, notes *notes) (Host, error) {
	file, err := read(root, hostFile)
	if errors.Is(err, fs.ErrNotExist) {
		return Host{}, fmt.Errorf("%s is not the folder of a Functions app: it has no %s", root, hostFile)
	}
	if err != nil {
		return Host{}, err
	}
	top := newSection(hostFile, file, notes)
	if top.text("version", "") != "2.0" {
		top.complain("version", `must be "2.0"`)
	}
	if bundle := top.in("extensionBundle"); bundle.text("id", "") == "" {
		bundle.complain("id", "is missing: without it there are no bindings but HTTP and timers")
	}
	if profile := top.text("configurationProfile", ""); profile != "" && profile != "default" {
		top.complain("configurationProfile", fmt.Sprintf("is %q: with it the host takes no function.json, and so no events", profile))
	}
	encoding := top.in("extensions").in("queues").text("messageEncoding", "base64")
	host := Host{
		Handler:         readHandler(top),
		FunctionTimeout: top.duration("functionTimeout", 30*time.Minute),
		Retry:           readRetry(top),
		QueueText:       strings.EqualFold(encoding, "none"),
	}
	return host, notes.err()
}

func readHandler(host section) Handler {
	custom := host.in("customHandler")
	old := host.in("httpWorker") // its old name
	switch {
	case custom.missing():
		custom = old
	case !old.missing():
		host.warn("httpWorker", "is not read: customHandler goes first")
	}
	if custom.text("type", "http") != "http" {
		custom.warn("type", "is not read: it is always http")
	}
	description := custom.in("description")
	if description.missing() {
		host.complain("customHandler.description", "is missing: it says which program to start")
		return Handler{}
	}
	handler := Handler{
		Executable:       description.text("defaultExecutablePath", ""),
		Arguments:        description.texts("arguments"),
		WorkerPath:       description.text("defaultWorkerPath", ""),
		WorkerArguments:  description.texts("workerArguments"),
		WorkingDirectory: description.text("workingDirectory", "."),
		WorkerDirectory:  description.text("workerDirectory", "."),
		StderrIsError:    description.truth("useStdErrorStreamForErrorsOnly", true),
		StartTimeout:     custom.duration("initializationTimeout", 30*time.Second),
		Forwarding:       custom.truth("enableForwardingHttpRequest", false),
		Port:             custom.port("port"),
	}
	if handler.Executable == "" {
		description.complain("defaultExecutablePath", "is missing: it says which program to start")
	}
	return handler
}
