package bridge

import (
	"testing"
	"time"

	"whatsapp-functions/devhost/dotnet"
)

func TestExpressions(t *testing.T) {
	data, err := dotnet.Read([]byte(`{"messageId":"M","error":{"channelCode":"131026"},"list":[1],"nothing":null,"yes":true,"half":0.5}`), dotnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e := Expressions{
		Setting: func(name string) (string, bool) {
			return map[string]string{"QUEUE": "my-{data.messageid}"}[name], name == "QUEUE"
		},
		Data:     dotnet.NewObject(dotnet.Field{Name: "data", Value: data}),
		Function: "F",
		Now:      time.Date(2026, 3, 9, 15, 4, 5, 0, time.UTC),
		GUID:     func() string { return "3f1c2b7a-9d54-4e0b-8a66-0c1d2e3f4a5b" },
	}
	many := e
	many.Data = dotnet.Value{}
	for name, test := range map[string]struct {
		expressions Expressions
		text, want  string
	}{
		"plain text":                  {e, "inbound-messages", "inbound-messages"},
		"a field, in any case":        {e, "{data.MessageID}", "M"},
		"a field of a field":          {e, "a/{data.error.channelCode}.json", "a/131026.json"},
		"a setting is replaced first": {e, "%QUEUE%", "my-M"},
		"an array is empty":           {e, "a{data.list}b", "ab"},
		"an object is empty":          {e, "a{data.error}b", "ab"},
		"null is empty":               {e, "a{data.nothing}b", "ab"},
		"a boolean":                   {e, "{data.yes}", "True"},
		"a number":                    {e, "{data.half}", "0.5"},
		"a GUID":                      {e, "{rand-guid}", "3f1c2b7a-9d54-4e0b-8a66-0c1d2e3f4a5b"},
		"a GUID without hyphens":      {e, "{rand-guid:N}", "3f1c2b7a9d544e0b8a660c1d2e3f4a5b"},
		"a GUID in braces":            {e, "{sys.randguid:B}", "{3f1c2b7a-9d54-4e0b-8a66-0c1d2e3f4a5b}"},
		"the time":                    {e, "{DateTime}", "2026-03-09T15-04-05Z"},
		"the time in a format":        {e, "{datetime:yyyy/MM/dd}", "2026/03/09"},
		"the system's time":           {many, "{sys.utcnow:yyyy-MM-dd}", "2026-03-09"},
		"the function":                {many, "{sys.methodname}", "F"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.expressions.Resolve(test.text)
			if err != nil || got != test.want {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
	for name, test := range map[string]struct {
		expressions Expressions
		text, want  string
	}{
		"a missing field":             {e, "{data.other}", "{data.other} has no value: there is no such field"},
		"the event itself":            {e, "{subject}", "{subject} has no value: an Event Grid trigger provides {data.…} (of a single event), an HTTP trigger the query and the fields of the body, a queue trigger {queueTrigger}, {id} and the fields of the message, and all of them {sys.…}, {rand-guid} and {datetime}"},
		"data of many events":         {many, "{data.messageId}", "{data.messageId} has no value: an Event Grid trigger provides {data.…} (of a single event), an HTTP trigger the query and the fields of the body, a queue trigger {queueTrigger}, {id} and the fields of the message, and all of them {sys.…}, {rand-guid} and {datetime}"},
		"an object":                   {e, "{data}", "{data} has no value: it is an object or array"},
		"a missing setting":           {e, "%OTHER%", "%OTHER% is not an app setting"},
		"a brace not closed":          {e, "{data", `"{data" has no closing "}"`},
		"a percent sign not closed":   {e, "100%", `"%" has no closing "%"`},
		"a GUID in an unknown format": {e, "{rand-guid:Z}", `"Z" is not a format of a GUID: D, N, B or P`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.expressions.Resolve(test.text)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %q, %v; want %s", got, err, test.want)
			}
		})
	}
}
