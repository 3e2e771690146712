// Package infra checks, offline, that what is deployed fits the code. Whether
// Azure accepts it is for az and the Bicep compiler to check.
package infra

import (
	"encoding/json/v2"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	repository = ".."

	mainFile          = "infra/main.bicep"
	eventsFile        = "infra/events.bicep"
	alertsFile        = "infra/alerts.bicep"
	subscribeFile     = "infra/subscriptions.bicep"
	storageRolesFile  = "infra/storage-roles.bicep"
	appFile           = "infra/function-app.bicep"
	mediaFile         = "infra/media.bicep"
	dataRolesFile     = "infra/data-roles.bicep"
	insightsRoleFile  = "infra/insights-role.bicep"
	vaultFile         = "infra/vault.bicep"
	vaultRoleFile     = "infra/vault-role.bicep"
	rolesFile         = "infra/roles.json"
	subscriptionsFile = "infra/subscriptions.json"
	handlerFile       = "infra/settings.json"
	linterFile        = "infra/bicepconfig.json"
	parametersFile    = "infra/main.parameters.json"
	messageFile       = "AdvancedMessageTrigger/function.json"
	statusFile        = "StatusTrigger/function.json"
	webhookFile       = "WebhookTrigger/function.json"
	hostFile          = "host.json"
	settingsFile      = "local.settings.json"
	azdFile           = "azure.yaml"
	mediaFunctionFile = "media/MediaTrigger/function.json"
	mediaHostFile     = "media/host.json"
	mediaSettingsFile = "media/local.settings.json"
	mediaIgnoreFile   = "media/.funcignore"
	mediaConfigFile   = "media/config.go"
	funcIgnoreFile    = ".funcignore"
	gitIgnoreFile     = ".gitignore"
)

var bicepFiles = []string{mainFile, appFile, mediaFile, eventsFile, alertsFile, subscribeFile, storageRolesFile, dataRolesFile, insightsRoleFile, vaultFile, vaultRoleFile}

// project holds the files that a deployment depends on, by name.
type project struct {
	text  map[string]string
	bicep map[string]bicep
}

// readProject reads the project with the functions and settings of an app.
func readProject(t *testing.T, app string) project {
	t.Helper()
	all := project{text: map[string]string{}, bicep: map[string]bicep{}}
	all.read(t, repository, rolesFile, subscriptionsFile, handlerFile, linterFile, parametersFile, azdFile, funcIgnoreFile, gitIgnoreFile, mediaFunctionFile, mediaHostFile, mediaSettingsFile, mediaIgnoreFile, mediaConfigFile)
	all.read(t, repository, bicepFiles...)
	var sources []string
	for _, file := range bicepFiles {
		sources = append(sources, all.text[file])
	}
	for i, read := range readBicep(t, sources...) {
		all.bicep[bicepFiles[i]] = read
	}
	return all.withApp(t, app)
}

// withApp returns the project with another app's functions and settings.
func (all project) withApp(t *testing.T, app string) project {
	t.Helper()
	other := project{text: maps.Clone(all.text), bicep: all.bicep}
	other.read(t, app, messageFile, statusFile, webhookFile, hostFile, settingsFile)
	return other
}

func (all project) read(t *testing.T, folder string, names ...string) {
	t.Helper()
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		all.text[name] = string(text)
	}
}

// with returns the project with another text of a file, and what was read of it
// if it is a Bicep file.
func (all project) with(file, text string, read bicep) project {
	edited := project{text: maps.Clone(all.text), bicep: maps.Clone(all.bicep)}
	edited.text[file] = text
	if _, ok := edited.bicep[file]; ok {
		edited.bicep[file] = read
	}
	return edited
}

// declared returns all declarations, with the file of each.
func (all project) declared(yield func(file string, d declaration) bool) {
	for _, file := range bicepFiles {
		for _, d := range all.bicep[file].Declarations {
			if !yield(file, d) {
				return
			}
		}
	}
}

// replace replaces all occurrences of a text, which must be there.
func replace(t *testing.T, text, old, new string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("the file does not contain %q", old)
	}
	return strings.ReplaceAll(text, old, new)
}

// decode reads one of the JSON files.
func decode[T any](all project, file string) (value T, err error) {
	if err := json.Unmarshal([]byte(all.text[file]), &value); err != nil {
		return value, fmt.Errorf("%s: %w", file, err)
	}
	return value, nil
}

// subscription is an element of subscriptions.json.
type subscription struct {
	Name                          string `json:"name"`
	EventType                     string `json:"eventType"`
	Function                      string `json:"function"`
	DeliverySchema                string `json:"deliverySchema"`
	MaxEventsPerBatch             int    `json:"maxEventsPerBatch"`
	PreferredBatchSizeInKilobytes int    `json:"preferredBatchSizeInKilobytes"`
	MaxDeliveryAttempts           int    `json:"maxDeliveryAttempts"`
	EventTimeToLiveInMinutes      int    `json:"eventTimeToLiveInMinutes"`
	DeadLetterContainer           string `json:"deadLetterContainer"`
}

func (all project) subscriptions() ([]subscription, error) {
	list, err := decode[struct {
		Subscriptions []subscription `json:"subscriptions"`
	}](all, subscriptionsFile)
	return list.Subscriptions, err
}

// binding is an element of a function.json.
type binding struct {
	Type       string `json:"type"`
	Name       string `json:"name"`
	Direction  string `json:"direction"`
	QueueName  string `json:"queueName"`
	TableName  string `json:"tableName"`
	Path       string `json:"path"`
	Connection string `json:"connection"`
}

// outputs returns the outputs of a function.
func (all project) outputs(file string) ([]binding, error) {
	function, err := decode[struct {
		Bindings []binding `json:"bindings"`
	}](all, file)
	return slices.DeleteFunc(function.Bindings, func(b binding) bool { return b.Direction != "out" }), err
}

// problems collects what is wrong.
type problems struct {
	errs []error
}

// require adds a problem unless the condition holds.
func (p *problems) require(holds bool, format string, args ...any) {
	if !holds {
		p.errs = append(p.errs, fmt.Errorf(format, args...))
	}
}

func (p *problems) err() error {
	return errors.Join(p.errs...)
}
