package host_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/internal/testkit"
)

// functions records deliveries to one function.
type functions struct {
	delivered []string
	err       error
}

func (f *functions) Has(function string) bool { return function == "AcsMessageEvents" }

func (f *functions) Deliver(_ context.Context, function string, events []dotnet.Value) error {
	ids := []string{}
	for _, event := range events {
		id, _ := event.Get("id")
		ids = append(ids, id.Text)
	}
	f.delivered = append(f.delivered, fmt.Sprint(function, ids))
	return f.err
}

var keys = host.Keys{Master: "MASTERKEY", EventGrid: "SYSTEMKEY", Function: "FUNCTIONKEY"}

func serve(f *functions, said *testkit.Log, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h := &host.Webhook{Functions: f, Keys: &keys, Log: said.Logger()}
	h.ServeHTTP(w, r)
	return w
}

func TestVectors(t *testing.T) {
	for _, v := range testkit.ReadVectors(t, "webhook", 12) {
		name := v.Name
		t.Run(name, func(t *testing.T) {
			f := &functions{}
			if strings.Contains(name, "function-fails") {
				f.err = errors.New("Exception while executing function: Functions.AcsMessageEvents")
			}
			r := httptest.NewRequestWithContext(t.Context(), v.Request.Method, v.Request.Path, strings.NewReader(v.Request.Body))
			for header, value := range v.Request.Headers {
				r.Header.Set(header, value)
			}
			var said testkit.Log
			w := serve(f, &said, r)
			if w.Code != v.Response.Status {
				t.Errorf("status %d, want %d", w.Code, v.Response.Status)
			}
			for header, value := range v.Response.Headers {
				if got := w.Header().Get(header); got != value {
					t.Errorf("%s: %q, want %q", header, got, value)
				}
			}
			if v.Response.Body != nil && w.Body.String() != *v.Response.Body {
				t.Errorf("body %q, want %q", w.Body, *v.Response.Body)
			}
			if failed := v.Response.Status >= 400 && f.err == nil; failed != (len(said.Lines()) > 0) {
				t.Errorf("explained: %q", said.Lines())
			}
			if delivered := strings.Contains(name, "-notification-"); delivered != (len(f.delivered) > 0) {
				t.Errorf("delivered: %q", f.delivered)
			}
		})
	}
}

func post(t *testing.T, headers map[string]string, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, host.WebhookPath+"?functionName=AcsMessageEvents", strings.NewReader(body))
	r.Header.Set("x-functions-key", "SYSTEMKEY")
	for header, value := range headers {
		r.Header.Set(header, value)
	}
	return r
}

func TestDeliveries(t *testing.T) {
	for name, test := range map[string]struct {
		body      string
		status    int
		delivered []string
		explained []string
	}{
		"several events":       {`[{"id":"1"},{"id":"2"}]`, 202, []string{"AcsMessageEvents[1 2]"}, nil},
		"one event":            {`{"id":"1"}`, 202, []string{"AcsMessageEvents[1]"}, nil},
		"none":                 {`[]`, 202, []string{"AcsMessageEvents[]"}, nil},
		"a byte order mark":    {"\uFEFF[]", 202, []string{"AcsMessageEvents[]"}, nil},
		"null":                 {`null`, 500, nil, []string{"error : the delivery can't be read: it must be an object or an array of objects"}},
		"text after the array": {`[{"id":"1"}] x`, 202, []string{"AcsMessageEvents[1]"}, nil},
		"a truncated array":    {`[{"id":"1"`, 500, nil, []string{"error : the delivery can't be read: line 1: unexpected end, expected a comma or the end of an object"}},
		"not JSON":             {`hello`, 500, nil, []string{"error : the delivery can't be read: line 1, column 1: unexpected 'h', expected a value"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &functions{}
			var said testkit.Log
			w := serve(f, &said, post(t, map[string]string{"aeg-event-type": "notification"}, test.body))
			if w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
			if diff := cmp.Diff(test.delivered, f.delivered); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.explained, said.Lines()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHandshakes(t *testing.T) {
	validation := map[string]string{"aeg-event-type": "SubscriptionValidation"}
	for name, test := range map[string]struct {
		body   string
		status int
		answer string
	}{
		"an array":                   {`[{"data":{"validationCode":"c"}}]`, 200, `{"validationResponse":"c"}`},
		"an object":                  {`{"data":{"validationCode":"c"}}`, 200, `{"validationResponse":"c"}`},
		"data in a string":           {`{"data":"{\"validationCode\":\"c\"}"}`, 200, `{"validationResponse":"c"}`},
		"a code of null":             {`{"data":{"validationCode":null}}`, 200, `{"validationResponse":""}`},
		"no code":                    {`[{"data":{}}]`, 500, ""},
		"no data":                    {`[{}]`, 500, ""},
		"an empty array":             {`[]`, 500, ""},
		"data that is not an object": {`[{"data":"hello"}]`, 500, ""},
	} {
		f := &functions{}
		var said testkit.Log
		w := serve(f, &said, post(t, validation, test.body))
		if w.Code != test.status || w.Body.String() != test.answer || len(f.delivered) > 0 {
			t.Errorf("%s: %d %s, delivered %q", name, w.Code, w.Body, f.delivered)
		}
		if (test.status == 500) != (len(said.Lines()) == 1) {
			t.Errorf("%s: explained %q", name, said.Lines())
		}
	}
	for origin, want := range map[string]string{
		"eventgrid.azure.net": "eventgrid.azure.net", "eventgrid.azure.us": "eventgrid.azure.us", "evil.example": "eventgrid.azure.net", "": "eventgrid.azure.net",
	} {
		r := post(t, map[string]string{"WebHook-Request-Origin": origin}, "")
		r.Method = http.MethodOptions
		w := serve(&functions{}, new(testkit.Log), r)
		if got := w.Header().Get("WebHook-Allowed-Origin"); w.Code != 200 || got != want {
			t.Errorf("%q: %d, %q", origin, w.Code, got)
		}
	}
}

// What the URL, the method and the keys decide.
func TestAddressing(t *testing.T) {
	const query = "functionName=AcsMessageEvents&code=SYSTEMKEY"
	for name, test := range map[string]struct {
		method, url string
		status      int
		body        string
	}{
		"as documented":                 {"POST", "/runtime/webhooks/EventGrid?" + query, 202, ""},
		"a trailing slash":              {"POST", "/runtime/webhooks/EventGrid/?" + query, 202, ""},
		"a path in another case":        {"POST", "/Runtime/WEBHOOKS/eventgrid?" + query, 202, ""},
		"parameters in another case":    {"POST", "/runtime/webhooks/EventGrid?FUNCTIONNAME=AcsMessageEvents&Code=SYSTEMKEY", 202, ""},
		"a function in another case":    {"POST", "/runtime/webhooks/EventGrid?functionName=acsmessageevents&code=SYSTEMKEY", 404, "cannot find function: 'acsmessageevents'"},
		"two functions":                 {"POST", "/runtime/webhooks/EventGrid?functionName=One&functionname=Two&code=SYSTEMKEY", 404, "cannot find function: 'One,Two'"},
		"no function":                   {"POST", "/runtime/webhooks/EventGrid?code=SYSTEMKEY", 404, "cannot find function: ''"},
		"PUT":                           {"PUT", "/runtime/webhooks/EventGrid?" + query, 500, ""},
		"PATCH":                         {"PATCH", "/runtime/webhooks/EventGrid?" + query, 404, "404 page not found\n"},
		"no key":                        {"POST", "/runtime/webhooks/EventGrid?functionName=AcsMessageEvents", 401, ""},
		"a wrong key":                   {"POST", "/runtime/webhooks/EventGrid?functionName=AcsMessageEvents&code=x", 401, ""},
		"the function key":              {"POST", "/runtime/webhooks/EventGrid?functionName=AcsMessageEvents&code=FUNCTIONKEY", 403, ""},
		"the master key":                {"POST", "/runtime/webhooks/EventGrid?functionName=AcsMessageEvents&code=MASTERKEY", 202, ""},
		"another extension":             {"POST", "/runtime/webhooks/Other?" + query, 403, ""},
		"another extension, master key": {"POST", "/runtime/webhooks/Other?code=MASTERKEY", 404, "404 page not found\n"},
		"another extension, no key":     {"POST", "/runtime/webhooks/Other", 401, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), test.method, test.url, strings.NewReader("[]"))
			r.Header.Set("aeg-event-type", "Notification")
			w := serve(&functions{}, new(testkit.Log), r)
			if w.Code != test.status || w.Body.String() != test.body {
				t.Errorf("got %d %q, want %d %q", w.Code, w.Body, test.status, test.body)
			}
		})
	}
}

func TestKeysAreKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys.json")
	first, err := host.OpenKeys(file)
	if err != nil {
		t.Fatal(err)
	}
	again, err := host.OpenKeys(file)
	if err != nil || *again != *first || first.EventGrid == "" {
		t.Errorf("%v, then %v, %v", first, again, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
