// Package bridge speaks the custom handler protocol of the Azure Functions
// host: the host posts each invocation to a local HTTP server and writes what
// the answer holds to the function's output bindings.
//
// The protocol's outline is documented at
// https://learn.microsoft.com/azure/azure-functions/functions-custom-handlers;
// its details are those of the host's source,
// https://github.com/Azure/azure-functions-host/tree/dev/src/WebJobs.Script/Workers/Http.
// Nothing here knows what the events are about.
package bridge

// The environment that the host starts a handler with (HttpWorkerProcess.cs).
const (
	// EnvPort is the port on 127.0.0.1 to listen on.
	EnvPort = "FUNCTIONS_CUSTOMHANDLER_PORT"
	// EnvWorkerID is set under a host only; it is new at every start.
	EnvWorkerID = "FUNCTIONS_CUSTOMHANDLER_WORKER_ID"
	// EnvAppRoot is the app's folder.
	EnvAppRoot = "FUNCTIONS_APP_ROOT_PATH"
)

// How a handler may end (HttpFunctionInvocationDispatcher.cs).
const (
	// ExitRestart makes the host start the handler anew and not count it as
	// a crash. After exit code 0 it would never start it again.
	ExitRestart = 200
	// ExitFailure counts as a crash: the host starts the handler anew, but at
	// the third crash within 30 minutes it ends itself.
	ExitFailure = 1
)

// The headers of an invocation (DefaultHttpWorkerService.cs), in the spelling
// that net/http keeps them under. The trace's parent may come or not.
const (
	headerInvocationID = "X-Azure-Functions-Invocationid"
	headerTraceParent  = "Traceparent"
)

// The member of an invocation's body that holds the trigger's value
// (HttpScriptInvocationContext.cs).
const memberData = "Data"

// The file in a function's folder, and the trigger of functions here.
const (
	functionFile = "function.json"
	triggerType  = "eventGridTrigger"
)

// contentType must be said: an answer that is only sniffed to be JSON fails
// the invocation.
const contentType = "application/json"
