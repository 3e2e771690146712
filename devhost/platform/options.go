package platform

import (
	"context"
	"path/filepath"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/transcript"
)

// DataFolder is where the platform keeps what it keeps, below the app's
// folder, unless it is told otherwise.
const DataFolder = ".devhost"

// SubscriptionsFile is the app's one list of what goes where, below its folder.
const SubscriptionsFile = "infra/subscriptions.json"

// Options say what to run, and how.
type Options struct {
	// Folder is the app's.
	Folder string
	// Address is where to listen, host:port. Port 0 is any.
	Address string
	// Data is the folder for what the platform keeps; empty for [DataFolder].
	Data string
	// Storage is what outputs go to: [Embedded] or empty for files below
	// Data, a connection string, or the name of the setting that holds one.
	Storage string
	// Environ is the environment to run in, in the form of [os.Environ].
	Environ []string
	// ContentLength tells the handler how long a request is, as under func
	// start; otherwise it comes in chunks.
	ContentLength bool
	// Keys asks for access keys, as Azure does. They are in keys.json below
	// Data.
	Keys bool
	// TimeScale is how many times faster than Azure's Event Grid's pauses
	// pass; 0 is as slow as Azure's.
	TimeScale float64
	// Faults are what goes wrong on request from the start.
	Faults faults.Switches
	// SaveCase makes a test case of an invocation and returns its file. Where
	// it is nil the page offers none.
	SaveCase func(ctx context.Context, t transcript.Transcript) (file string, err error)
	// Once ends the platform with its host, as func start ends.
	Once bool
	// Invoked, if it is set, is called with every invocation that has ended, by
	// many goroutines.
	Invoked func(host.Result)
	// Log takes what happens.
	Log zerolog.Logger
}

// fill sets what is not set.
func (o *Options) fill(a *app.App) {
	if o.Data == "" {
		o.Data = filepath.Join(a.Root, DataFolder)
	}
}

func (o *Options) embedded() bool { return o.Storage == "" || o.Storage == Embedded }

func (o *Options) invocations() string { return filepath.Join(o.Data, "invocations") }
