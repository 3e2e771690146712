// Package bridge speaks the custom handler protocol of the Azure Functions host.
// The host posts each invocation to a local HTTP server, and writes what the
// answer holds to the function's output bindings. The package does not know what
// the events are about.
//
// The protocol is described at
// https://learn.microsoft.com/azure/azure-functions/functions-custom-handlers, its
// details only in the host's source,
// https://github.com/Azure/azure-functions-host/tree/dev/src/WebJobs.Script/Workers/Http.
package bridge

// The environment variables that the host sets for a handler
// (HttpWorkerProcess.cs).
const (
	// EnvPort is the port to listen on, at 127.0.0.1.
	EnvPort = "FUNCTIONS_CUSTOMHANDLER_PORT"
	// EnvWorkerID is set only under a host. It is different at each start.
	EnvWorkerID = "FUNCTIONS_CUSTOMHANDLER_WORKER_ID"
	// EnvAppRoot is the folder of the app.
	EnvAppRoot = "FUNCTIONS_APP_ROOT_PATH"
)

// The exit codes of a handler (HttpFunctionInvocationDispatcher.cs).
const (
	// ExitRestart makes the host start the handler again without counting a
	// crash. After exit code 0 the host never starts it again.
	ExitRestart = 200
	// ExitFailure counts as a crash. The host starts the handler again, but ends
	// itself at the third crash within 30 minutes.
	ExitFailure = 1
)

// The headers of an invocation (DefaultHttpWorkerService.cs), in the spelling of
// net/http. The host sends a traceparent only with Application Insights.
const (
	headerInvocationID = "X-Azure-Functions-Invocationid"
	headerTraceParent  = "Traceparent"
)

// The fields of an invocation are in request.go (HttpScriptInvocationContext.cs),
// those of an answer in results.go (HttpScriptInvocationResult.cs).

// contentType must be sent: the host fails an invocation if the content type is
// not JSON or missing.
const contentType = "application/json"

// functionFile is the name of the file in a function's folder.
const functionFile = "function.json"

// The binding types of triggers.
const (
	EventGridTrigger = "eventGridTrigger"
	HTTPTrigger      = "httpTrigger"
	QueueTrigger     = "queueTrigger"
)

// httpOutput is the binding type of the output that answers an HTTP request.
const httpOutput = "http"

// Kind is a kind of output. A queue gets a string for each message, a table a
// string for each row, a JSON object.
type Kind string

// The kinds of outputs.
const (
	Queue Kind = "queue"
	Table Kind = "table"
	blob  Kind = "blob"
)

// bindingTypes returns the binding types that an output of this kind may have in
// function.json. The host treats an array of strings alike for all of them.
func (k Kind) bindingTypes() []string {
	if k == Queue {
		return []string{"queue", "serviceBus", "eventHub"}
	}
	return []string{string(k)}
}
