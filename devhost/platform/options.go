package platform

import (
	"context"
	"path/filepath"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/host"
)

// DataFolder is the default data folder, below the app's folder.
const DataFolder = ".devhost"

// SubscriptionsFile lists the event subscriptions, below the app's folder.
const SubscriptionsFile = "infra/subscriptions.json"

// Options configure a platform. Folder is required.
type Options struct {
	// Folder is the app's.
	Folder string
	// With are the folders of other apps. They run beside the app, with the same
	// storage and at the same address.
	With []string
	// Address is the host:port to listen on. Port 0 is any free one.
	Address string
	// AllowRemote allows an address that other machines can reach.
	AllowRemote bool
	// AllowHosts are names under which browsers may open the page, such as that
	// of a tunnel.
	AllowHosts []string
	// Data is the folder for events, files and transcripts. The default is
	// [DataFolder].
	Data string
	// Storage is where outputs are written: [Embedded] or empty for files below
	// Data, a connection string, or the name of a setting that holds one.
	Storage string
	// Environ is the environment, in the form of [os.Environ].
	Environ []string
	// ContentLength sends Content-Length to the handler, as func start does.
	// Azure sends chunks.
	ContentLength bool
	// Keys asks for access keys, as Azure does. They are in keys.json below
	// Data.
	Keys bool
	// TimeScale divides Event Grid's pauses; 0 and 1 are Azure's own.
	TimeScale float64
	// Faults are on from the start.
	Faults faults.Switches
	// SaveCase saves an invocation as a test case and returns its file. If it is
	// nil the page does not offer it.
	SaveCase func(ctx context.Context, t history.Transcript) (file string, err error)
	// Once ends the platform with the first host that ends, as func start ends.
	Once bool
	// Invoked, if it is set, is called after every invocation, by many
	// goroutines.
	Invoked func(host.Result)
	Log     zerolog.Logger
}

// dataFolder returns the data folder of an app.
func dataFolder(root, data string) string {
	if data == "" {
		return filepath.Join(root, DataFolder)
	}
	return data
}
