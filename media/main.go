// Command media is the custom handler of the media app: it stores the files of
// messages in Azure Blob Storage. It is a second app beside the handler, because it
// does what the handler must not do: it keeps secrets, it waits for other servers,
// and it moves up to 100 MB for one message.
//
// The handler asks for each file with a message in the queue media-requests. The
// Functions host calls this program for each of them. The program downloads the file
// from the provider of the message, Meta or Azure Communication Services, streams it
// into a blob in blocks of 4 MB, and reports in the queue media-results that it is
// stored, or why it can't be.
//
// Each error is one of three kinds. What no retry fixes is a result: the file is
// gone, too large, forbidden, or not the one that was announced. Everything else
// fails the invocation, and the host calls again after a pause: rate limits,
// interruptions, the storage account. After maxDequeueCount calls, and if the message
// is not a request at all, the host moves it to the queue media-requests-poison.
//
// A call that is repeated changes nothing: a blob that is whole is not downloaded
// again, and its result is the same. A blob becomes visible when all of it has arrived
// and was verified, so a process that is killed leaves nothing half-written.
package main

import (
	"os"
	"runtime/debug"

	"whatsapp-functions/handler/worker"
)

// memoryLimit makes the garbage collector run more often as the heap grows, so that
// the process stays below 64 MiB. The blocks of files are outside of the heap: the
// batchSize and newBatchThreshold of host.json allow six calls at a time, with one
// block of 4 MiB each. GOMEMLIMIT replaces the limit.
const memoryLimit = 32 << 20

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	worker.Main(run)
}
