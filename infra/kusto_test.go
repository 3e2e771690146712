package infra

import (
	"bytes"
	"encoding/json/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
)

// schemas are the columns of the tables that alerts read, as Microsoft documents
// them: https://learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces,
// apprequests (both in the names of Application Insights) and storagequeuelogs.
var schemas = map[string]string{
	"traces": "(timestamp: datetime, message: string, severityLevel: int, itemType: string, customDimensions: dynamic, customMeasurements: dynamic, " +
		"operation_Name: string, operation_Id: string, operation_ParentId: string, operation_SyntheticSource: string, session_Id: string, user_Id: string, " +
		"application_Version: string, client_Type: string, cloud_RoleName: string, cloud_RoleInstance: string, appId: string, appName: string, iKey: string, sdkVersion: string, itemId: string, itemCount: int)",
	"requests": "(timestamp: datetime, id: string, source: string, name: string, url: string, success: string, resultCode: string, duration: real, performanceBucket: string, itemType: string, " +
		"customDimensions: dynamic, customMeasurements: dynamic, operation_Name: string, operation_Id: string, operation_ParentId: string, operation_SyntheticSource: string, session_Id: string, user_Id: string, " +
		"application_Version: string, client_Type: string, cloud_RoleName: string, cloud_RoleInstance: string, appId: string, appName: string, iKey: string, sdkVersion: string, itemId: string, itemCount: int)",
	"StorageQueueLogs": "(TimeGenerated: datetime, AccountName: string, AuthenticationHash: string, AuthenticationType: string, AuthorizationDetails: dynamic, CallerIpAddress: string, Category: string, " +
		"ClientRequestId: string, CorrelationId: string, DurationMs: real, Location: string, ObjectKey: string, OperationName: string, OperationVersion: string, Protocol: string, RequestBodySize: long, " +
		"RequesterObjectId: string, ResponseBodySize: long, SchemaVersion: string, ServerLatencyMs: real, ServiceType: string, StatusCode: string, StatusText: string, Type: string, Uri: string, UserAgentHeader: string)",
}

type row = map[string]any

// queryRun is a query with the rows that it reads.
type queryRun struct {
	Query  string           `json:"query"`
	Now    string           `json:"now"`
	Tables map[string][]row `json:"tables"`
}

// queryResult is what a query returned, or what is wrong with it.
type queryResult struct {
	Errors []string `json:"errors"`
	Rows   []row    `json:"rows"`
}

// runQueries parses queries with Kusto's language service and runs them.
func runQueries(t *testing.T, runs ...queryRun) (results []queryResult) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(repository, "tools/kusto/node_modules")); err != nil {
		testkit.Skip(t, "Kusto's language service is not installed: make tools/kusto/node_modules")
	}
	input, err := json.Marshal(map[string]any{"schemas": schemas, "runs": runs})
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	command := exec.Command("node", filepath.Join(repository, "tools/kusto/run.mjs"))
	command.Stdin, command.Stderr = bytes.NewReader(input), &stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("node tools/kusto/run.mjs: %v\n%s", err, &stderr)
	}
	if err := json.Unmarshal(output, &results); err != nil {
		t.Fatal(err)
	}
	return results
}

// logAlert is an alert on the rows of a query.
type logAlert struct {
	name, query, dimension string
}

var (
	interpolation = regexp.MustCompile(`\$\{(\w+)\}`)
	joined        = regexp.MustCompile(`\$\{join\((\w+), '([^']*)'\)\}`)
)

// alertGroups are the variables of alerts.bicep that hold alerts on queries.
var alertGroups = []string{"handlerAlerts", "webhookAlerts", "consumerAlerts", "poisonAlerts", "mediaAlerts"}

// quotedWords returns the string literals of an expression.
func quotedWords(expression string) (words []string) {
	for _, word := range regexp.MustCompile(`'([^']*)'`).FindAllStringSubmatch(expression, -1) {
		words = append(words, word[1])
	}
	return words
}

// logAlerts returns the alerts of alerts.bicep, with queries as Azure gets them.
func (all project) logAlerts(t *testing.T) (alerts []logAlert) {
	t.Helper()
	file := all.bicep[alertsFile]
	for _, variable := range alertGroups {
		items, _ := file.find(variable).Value.([]any)
		for _, item := range items {
			name, _ := at(item, "name").(string)
			dimension, _ := at(item, "dimension").(string)
			query := strings.Trim(source(at(item, "query")), "'")
			for interpolation.MatchString(query) {
				query = interpolation.ReplaceAllStringFunc(query, func(use string) string {
					value := source(file.find(interpolation.FindStringSubmatch(use)[1]).Value)
					if !strings.HasPrefix(value, "'") {
						t.Fatalf("%s: %s is not a string", name, use)
					}
					return strings.Trim(value, "'")
				})
			}
			query = joined.ReplaceAllStringFunc(query, func(use string) string {
				parts := joined.FindStringSubmatch(use)
				return strings.Join(quotedWords(source(all.bicep[mainFile].find(parts[1]).Value)), parts[2])
			})
			alerts = append(alerts, logAlert{name, query, dimension})
		}
	}
	if len(alerts) == 0 {
		t.Fatal("there are no alerts on queries")
	}
	return alerts
}

func TestErrorsInQueriesAreFound(t *testing.T) {
	alerts := readProject(t, repository).logAlerts(t)
	var runs []queryRun
	edits := [][2]string{
		{"traces |", "trace |"}, {"customDimensions", "customDimension"}, {"| where", "| were"}, {"mv-expand", "mvexpnd"}, {"tostring(", "toString("},
		{"requests |", "request |"}, {"itemCount", "itemCounts"}, {"StorageQueueLogs |", "StorageQueuesLogs |"}, {"OperationName", "Operation"}, {"Uri", "Url"}, {"countif(", "count_if("},
	}
	for _, edit := range edits {
		broken := false
		for _, alert := range alerts {
			if strings.Contains(alert.query, edit[0]) {
				runs, broken = append(runs, queryRun{Query: strings.ReplaceAll(alert.query, edit[0], edit[1])}), true
			}
		}
		if !broken {
			t.Errorf("no query contains %q", edit[0])
		}
	}
	for i, result := range runQueries(t, runs...) {
		if len(result.Errors) == 0 {
			t.Errorf("no error: %s", runs[i].Query)
		}
	}
}
