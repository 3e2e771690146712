// Package infra checks, offline, that what is deployed fits the code. It reads
// texts: whether Azure takes them is for az and the Bicep compiler to say.
package infra

import (
	"encoding/json/v2"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	repository = ".."

	mainFile          = "infra/main.bicep"
	eventsFile        = "infra/events.bicep"
	alertsFile        = "infra/alerts.bicep"
	rolesFile         = "infra/roles.json"
	subscriptionsFile = "infra/subscriptions.json"
	messageFile       = "AdvancedMessageTrigger/function.json"
	statusFile        = "StatusTrigger/function.json"
	hostFile          = "host.json"
	settingsFile      = "local.settings.json"
	azdFile           = "azure.yaml"
	funcIgnoreFile    = ".funcignore"
)

// texts are the files that are deployed from, by name.
type texts map[string]string

func readTexts(t *testing.T) texts {
	t.Helper()
	all := texts{}
	for _, name := range []string{
		mainFile, eventsFile, alertsFile, rolesFile, subscriptionsFile, messageFile, statusFile, hostFile, settingsFile, azdFile, funcIgnoreFile,
	} {
		text, err := os.ReadFile(filepath.Join(repository, name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(text)
	}
	return all
}

// bicep is all of the Bicep, without comments.
func (all texts) bicep() string {
	return all.code(mainFile) + all.code(eventsFile) + all.code(alertsFile)
}

var comment = regexp.MustCompile(`(?m)^\s*//.*$`)

func (all texts) code(file string) string {
	return comment.ReplaceAllString(all[file], "")
}

// decode reads one of the JSON files.
func decode[T any](all texts, file string) (value T, err error) {
	if err := json.Unmarshal([]byte(all[file]), &value); err != nil {
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

func (all texts) subscriptions() ([]subscription, error) {
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

// outputs are the outputs of a function.
func (all texts) outputs(file string) ([]binding, error) {
	function, err := decode[struct {
		Bindings []binding `json:"bindings"`
	}](all, file)
	return slices.DeleteFunc(function.Bindings, func(b binding) bool { return b.Direction != "out" }), err
}

// stringsIn are the elements of a Bicep variable that is an array of strings.
func stringsIn(code, variable string) []string {
	found := regexp.MustCompile(`(?s)var ` + variable + ` = \[(.*?)\]`).FindStringSubmatch(code)
	if found == nil {
		return nil
	}
	return quoted(found[1])
}

func quoted(text string) (values []string) {
	for _, match := range regexp.MustCompile(`'([^']*)'`).FindAllStringSubmatch(text, -1) {
		values = append(values, match[1])
	}
	return values
}

// containersIn are the blob containers that the code makes.
func containersIn(code string) (names []string) {
	for _, match := range regexp.MustCompile(`resource \w+ 'containers' = \{\s*name: (\w+)`).FindAllStringSubmatch(code, -1) {
		value := regexp.MustCompile(`var ` + match[1] + ` = '([^']*)'`).FindStringSubmatch(code)
		if value != nil {
			names = append(names, value[1])
		}
	}
	return names
}

// wrong gathers what is wrong.
type wrong struct {
	errs []error
}

func (w *wrong) say(format string, args ...any) {
	w.errs = append(w.errs, fmt.Errorf(format, args...))
}

// unless says so unless it holds.
func (w *wrong) unless(holds bool, format string, args ...any) {
	if !holds {
		w.say(format, args...)
	}
}

func (w *wrong) err() error {
	return errors.Join(w.errs...)
}

// same says which strings are on one side only.
func (w *wrong) same(left, right []string, onlyLeft, onlyRight string) {
	for _, s := range left {
		w.unless(slices.Contains(right, s), onlyLeft, s)
	}
	for _, s := range right {
		w.unless(slices.Contains(left, s), onlyRight, s)
	}
}

// has is whether the text has a line that is this, but for space around it.
func has(text, line string) bool {
	return slices.ContainsFunc(strings.Split(text, "\n"), func(l string) bool { return strings.TrimSpace(l) == line })
}
