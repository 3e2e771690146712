package app

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// QueueTrigger is the type of the triggers that queue messages invoke.
const QueueTrigger = "queueTrigger"

// Queues is the section extensions.queues of host.json (QueuesOptions.cs of the
// queue extension).
type Queues struct {
	// Text stores messages unchanged, not in base64 (messageEncoding: none).
	Text bool
	// BatchSize is the number of messages that a function receives at once. It
	// receives more when at most NewBatchThreshold of them are still being
	// processed, so it is called at most BatchSize + NewBatchThreshold times at
	// the same time.
	BatchSize, NewBatchThreshold int
	// MaxPollingInterval is the longest pause between two looks at an empty
	// queue.
	MaxPollingInterval time.Duration
	// VisibilityTimeout is the pause after a failure.
	VisibilityTimeout time.Duration
	// MaxDequeueCount is the number of calls after which a message that fails is
	// moved to the poison queue.
	MaxDequeueCount int
}

const (
	// maxBatchSize is the most messages that the service hands out at once.
	maxBatchSize = 32
	// minPollingInterval is the shortest MaxPollingInterval.
	minPollingInterval = 100 * time.Millisecond
	// developmentPolling is the default of MaxPollingInterval under func start.
	// In Azure it is a minute.
	developmentPolling = 2 * time.Second
	// maxVisibilityTimeout is the service's limit.
	maxVisibilityTimeout = 7 * 24 * time.Hour
)

func readQueues(s section) Queues {
	q := Queues{
		Text:               s.oneOf("messageEncoding", "base64", "base64", "none") == "none",
		BatchSize:          s.int("batchSize", 16, 1, maxBatchSize),
		MaxPollingInterval: s.duration("maxPollingInterval", developmentPolling),
		VisibilityTimeout:  s.duration("visibilityTimeout", 0),
		MaxDequeueCount:    s.int("maxDequeueCount", 5, 1, math.MaxInt32),
	}
	q.NewBatchThreshold = s.int("newBatchThreshold", q.BatchSize/2*runtime.GOMAXPROCS(0), 0, math.MaxInt32)
	if q.MaxPollingInterval < minPollingInterval {
		s.fault("maxPollingInterval", `must be at least "00:00:00.1"`)
	}
	if q.VisibilityTimeout < 0 || q.VisibilityTimeout > maxVisibilityTimeout {
		s.fault("visibilityTimeout", "must be from 0 seconds to 7 days")
	}
	return q
}

var (
	settingReference = regexp.MustCompile(`%([^%]*)%`)
	queueName        = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9])+$`)
)

// readQueue returns the name of a trigger's queue. Settings replace %NAME%, and
// capitals become small letters. Unlike an output, a trigger with a wrong name
// or connection makes the function inactive.
func readQueue(b Binding, setting func(name string) (string, bool)) string {
	name := settingReference.ReplaceAllStringFunc(b.Text("queueName"), func(reference string) string {
		value, ok := setting(strings.Trim(reference, "%"))
		if !ok {
			b.fields.fault("queueName", fmt.Sprintf("has %s, which is not an app setting", reference))
		}
		return value
	})
	name = strings.ToLower(name)
	switch {
	case len(b.fields.found.faults) > 0:
	case name == "":
		b.fields.fault("queueName", "is missing")
	case !isQueueName(name):
		b.fields.fault("queueName", fmt.Sprintf("is %q: 3 to 63 of a-z, 0-9 and single hyphens", name))
	}
	if err := CheckConnection(b.Text("connection"), setting); err != nil && !errors.Is(err, ErrIdentity) {
		b.fields.fault("connection", "is wrong: "+err.Error())
	}
	return name
}

func isQueueName(name string) bool {
	return queueName.MatchString(name) && len(name) >= 3 && len(name) <= 63
}

// poisonSuffix ends the name of a poison queue.
const poisonSuffix = "-poison"

// PoisonQueue returns the queue for the messages of a queue that can't be
// processed. A poison queue, and a queue whose name is too long, has none
// (QueueListenerFactory.cs).
func PoisonQueue(queue string) (name string, ok bool) {
	name = queue + poisonSuffix
	return name, !strings.HasSuffix(queue, poisonSuffix) && isQueueName(name)
}

// checkQueues warns about queue triggers with a surprising effect.
func (a *App) checkQueues(found *findings) {
	first := map[string]string{}
	for _, f := range a.Functions {
		if f.Queue == "" {
			continue
		}
		warn := func(text string) {
			found.warnings = append(found.warnings, fmt.Sprintf("%s/%s: the queue %s %s", f.Name, functionFile, f.Queue, text))
		}
		if other, ok := first[f.Queue]; ok {
			warn("also triggers " + other + ": each message invokes only one of the two functions")
		} else {
			first[f.Queue] = f.Name
		}
		if _, ok := PoisonQueue(f.Queue); !ok {
			warn("has no poison queue: after a failure a message is hidden for 10 minutes, and after maxDequeueCount calls it stays in the queue until it expires")
		}
	}
}
