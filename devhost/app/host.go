package app

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"whatsapp-functions/devhost/dotnet"
)

const hostFile = "host.json"

// Host is the content of host.json, with the host's defaults
// (ScriptJobHostOptionsSetup.cs, HttpWorkerOptionsSetup.cs).
type Host struct {
	Handler Handler
	// FunctionTimeout is the longest time of an invocation; negative for no
	// limit.
	FunctionTimeout time.Duration
	// Retry is the policy of functions without their own; nil for no retries.
	Retry  *Retry
	Queues Queues
	HTTP   HTTP

	// functions are the only ones to run; nil for all.
	functions []string
}

// Handler is the section customHandler.
type Handler struct {
	// Executable, Arguments, WorkerPath (in quotes) and WorkerArguments are the
	// command line, in this order.
	Executable      string
	Arguments       []string
	WorkerPath      string
	WorkerArguments []string
	// WorkingDirectory is the program's current directory, relative to the
	// app.
	WorkingDirectory string
	// WorkerDirectory is the folder of the program, relative to the app.
	WorkerDirectory string
	// StderrIsError makes a line on stderr an error unless it contains "warn".
	StderrIsError bool
	// StartTimeout is the longest time until the program listens.
	StartTimeout time.Duration
	// Forwarding is enableForwardingHttpRequest. For events it means that
	// redirections are not followed.
	Forwarding bool
	// Port is the port to listen on; 0 for any.
	Port int
}

func readHost(root string, configuration map[string]string, found *findings) (Host, error) {
	file, err := read(root, hostFile)
	if errors.Is(err, fs.ErrNotExist) {
		return Host{}, fmt.Errorf("%s is not the folder of a Functions app: it has no %s", root, hostFile)
	}
	if err != nil {
		return Host{}, err
	}
	top := section{file: hostFile, value: override(file, configuration), found: found}
	if top.string("version", "") != "2.0" {
		top.fault("version", `must be "2.0"`)
	}
	checkBundle(top.section("extensionBundle"))
	if profile := top.string("configurationProfile", ""); profile != "" && profile != "default" {
		top.fault("configurationProfile", fmt.Sprintf("is %q: with it the host ignores function.json, so there are no events", profile))
	}
	for _, field := range file.Fields {
		if !slices.ContainsFunc(hostSections, func(known string) bool { return strings.EqualFold(known, field.Name) }) {
			top.warn(field.Name, "is unknown and ignored")
		}
	}
	extensions := top.section("extensions")
	host := Host{
		Handler:         readHandler(top),
		FunctionTimeout: top.duration("functionTimeout", 30*time.Minute),
		Retry:           readRetry(top),
		HTTP:            readHTTP(extensions),
		Queues:          readQueues(extensions.section("queues")),
		functions:       top.strings("functions"),
	}
	return host, found.err()
}

// hostSections are the fields of host.json that the host reads
// (https://learn.microsoft.com/azure/azure-functions/functions-host-json).
var hostSections = []string{
	"$schema", "aggregator", "concurrency", "configurationProfile", "customHandler", "extensionBundle", "extensions", "functions", "functionTimeout", "healthMonitor",
	"http", "httpWorker", "id", "logging", "managedDependency", "retry", "sendCanceledInvocationsToWorker", "singleton", "telemetryMode", "tracing", "version", "watchDirectories", "watchFiles",
}

// bundleLimit is the upper end of a version range, such as 5.0.0) of
// [4.*, 5.0.0).
var bundleLimit = regexp.MustCompile(`^\s*[\[(][^,\])]*,\s*(\d+)((?:\.\d+)*)\s*([\])])\s*$`)

// checkBundle refuses extension bundles below version 4: their table output
// can't replace a row, so a redelivery would fail.
func checkBundle(bundle section) {
	if bundle.string("id", "") == "" {
		bundle.fault("id", "is missing: without it there are only HTTP and timer bindings")
		return
	}
	version := bundle.string("version", "")
	if version == "" {
		bundle.fault("version", `is missing: write "[4.*, 5.0.0)"`)
		return
	}
	parts := bundleLimit.FindStringSubmatch(version)
	first := regexp.MustCompile(`\d+`).FindString(version)
	major, err := strconv.Atoi(first)
	if parts != nil {
		major, err = strconv.Atoi(parts[1])
		if parts[3] == ")" && strings.Trim(parts[2], ".0") == "" {
			major-- // the limit itself is not in the range
		}
	}
	switch {
	case err != nil:
		bundle.fault("version", fmt.Sprintf(`is %q: write a range such as "[4.*, 5.0.0)"`, version))
	case major < 4:
		bundle.fault("version", fmt.Sprintf(`is %q: bundles below 4 insert table rows but can't replace them, so every redelivery fails: write "[4.*, 5.0.0)"`, version))
	}
}

func readHandler(host section) Handler {
	custom, old := host.section("customHandler"), host.section("httpWorker")
	switch {
	case custom.missing:
		custom = old
		if !old.missing {
			host.warn("httpWorker", "is deprecated: use customHandler")
		}
	case !old.missing:
		host.warn("httpWorker", "is ignored because customHandler is set")
	}
	if custom.string("type", "http") != "http" {
		custom.warn("type", "is ignored: the host always uses http")
	}
	if routes, ok := custom.section("http").value.Fold("routes"); ok && routes.Kind == dotnet.KindArray && len(routes.Items) > 0 {
		custom.fault("http.routes", "can't be combined with function.json files: the host takes either")
	}
	description := custom.section("description")
	if description.missing {
		host.fault("customHandler.description", "is missing: it names the program to start")
		return Handler{}
	}
	handler := Handler{
		Executable:       description.string("defaultExecutablePath", ""),
		Arguments:        description.strings("arguments"),
		WorkerPath:       description.string("defaultWorkerPath", ""),
		WorkerArguments:  description.strings("workerArguments"),
		WorkingDirectory: description.string("workingDirectory", "."),
		WorkerDirectory:  description.string("workerDirectory", "."),
		StderrIsError:    description.bool("useStdErrorStreamForErrorsOnly", true),
		StartTimeout:     custom.duration("initializationTimeout", 30*time.Second),
		Forwarding:       custom.bool("enableForwardingHttpRequest", false),
		Port:             custom.int("port", 0, 1, 65535),
	}
	if handler.Executable == "" {
		description.fault("defaultExecutablePath", "is missing: it names the program to start")
	}
	return handler
}
