package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/functions"
	"whatsapp-functions/handler/meta"
	"whatsapp-functions/internal/testkit"
)

const webhook = "WebhookTrigger"

// textWebhook is a webhook with one text message, as Meta sends it.
const textWebhook = `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp",` +
	`"metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},"wa_id":"16505551234","user_id":"US.13491208655302741918"}],` +
	`"messages":[{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=","timestamp":"1767225600",` +
	`"text":{"body":"Does it come in another color? \u00e9 \/"},"type":"text"}]},"field":"messages"}]}]}`

// httpRequest is a request to the host.
type httpRequest struct {
	method  string
	query   string // JSON
	headers map[string]string
	body    string
	// noLength means that the request had no Content-Length.
	noLength bool
}

// signedWebhook is a webhook with a signature.
func signedWebhook(body, secret string) httpRequest {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return httpRequest{
		method:  http.MethodPost,
		headers: map[string]string{"X-Hub-Signature-256": "sha256=" + hex.EncodeToString(mac.Sum(nil)), "Content-Type": "application/json"},
		body:    body,
	}
}

// invocation returns what the host posts to the handler.
func (r httpRequest) invocation(t testing.TB) string {
	t.Helper()
	headers := map[string][]string{}
	for name, value := range r.headers {
		headers[name] = []string{value}
	}
	encoded, err := json.Marshal(headers, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	query := r.query
	if query == "" {
		query = "{}"
	}
	body := ""
	if r.body != "" && !r.noLength {
		quoted, _ := jsontext.AppendQuote(nil, r.body)
		body = `,"Body":` + string(quoted)
	}
	return fmt.Sprintf(`{"Data":{"request":{"Url":"http://127.0.0.1:7071/api/whatsapp","Method":%q,"Query":%s,"Headers":%s,"Params":{},"Identities":[]%s}},"Metadata":{}}`,
		r.method, query, encoded, body)
}

// webhookAnswer is the answer of WebhookTrigger.
type webhookAnswer struct {
	Outputs struct {
		Response struct {
			StatusCode int    `json:"statusCode"`
			Body       string `json:"body"`
		} `json:"response"`
		outputs
	}
	Logs []string
}

// serveWebhook serves an app folder with the secret "secret" and the token "token".
func serveWebhook(t testing.TB, root string, log *bytes.Buffer, change func(*functions.Settings)) http.Handler {
	t.Helper()
	settings := functions.Settings{
		OptOut:  conversation.NewOptOutWords(strings.Split(defaultOptOut, ",")),
		Secrets: meta.NewSecrets("secret,old", "", "token"),
	}
	if change != nil {
		change(&settings)
	}
	app, err := bridge.Open(root, functions.All(settings))
	if err != nil {
		t.Fatal(err)
	}
	return &bridge.Server{App: app, MaxBody: defaultMaxBody, Log: zerolog.New(log).Level(zerolog.DebugLevel)}
}

func callWebhook(t testing.TB, server http.Handler, request httpRequest) webhookAnswer {
	t.Helper()
	return postWebhook(t, server, request.invocation(t))
}

func postWebhook(t testing.TB, server http.Handler, invocation string) webhookAnswer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/"+webhook, strings.NewReader(invocation))
	r.Header.Set("X-Azure-Functions-InvocationId", "0d1f6a2e-5b1c-4a53-9c5e-6d3c9c0f7a01")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("answer %d: %s", w.Code, w.Body)
	}
	var a webhookAnswer
	if err := json.Unmarshal(w.Body.Bytes(), &a, json.RejectUnknownMembers(true)); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return a
}

func TestWebhookAnswers(t *testing.T) {
	signed := signedWebhook(textWebhook, "secret")
	with := func(change func(r *httpRequest)) httpRequest {
		r := signedWebhook(textWebhook, "secret")
		change(&r)
		return r
	}
	none := func(s *functions.Settings) { s.Secrets = meta.Secrets{} }
	shared := func(s *functions.Settings) { s.Secrets = meta.NewSecrets("", "s3cret", "") }
	get := func(query string) httpRequest { return httpRequest{method: http.MethodGet, query: query} }
	for name, test := range map[string]struct {
		request  httpRequest
		settings func(*functions.Settings)
		status   int
		body     string
		reason   string
		messages int
	}{
		"a signed webhook": {signed, nil, 200, "", "", 1},
		"the old secret":   {signedWebhook(textWebhook, "old"), nil, 200, "", "", 1},
		"base64": {with(func(r *httpRequest) {
			r.headers["Content-Type"] = "application/octet-stream"
			r.body = base64.StdEncoding.EncodeToString([]byte(r.body))
		}), nil, 200, "", "", 1},
		"another secret":                  {signedWebhook(textWebhook, "other"), nil, 401, "", "signature", 0},
		"no signature":                    {with(func(r *httpRequest) { r.headers = nil }), nil, 401, "", "signature", 0},
		"a changed body":                  {with(func(r *httpRequest) { r.body += "\n" }), nil, 401, "", "signature", 0},
		"a body that was written again":   {with(func(r *httpRequest) { r.body = strings.ReplaceAll(r.body, `\u00e9`, "é") }), nil, 401, "", "signature", 0},
		"a query":                         {with(func(r *httpRequest) { r.query = `{"rand-guid":"x"}` }), nil, 400, "", "query", 0},
		"chunks":                          {with(func(r *httpRequest) { r.noLength = true }), nil, 411, "", "no-body-or-no-content-length", 0},
		"no secret":                       {signed, none, 503, "", "not-configured", 0},
		"a shared secret":                 {with(func(r *httpRequest) { r.headers = map[string]string{"x-webhook-secret": "s3cret"} }), shared, 200, "", "", 1},
		"another shared secret":           {with(func(r *httpRequest) { r.headers = map[string]string{"x-webhook-secret": "s3cre"} }), shared, 401, "", "signature", 0},
		"a signature where none is known": {signed, shared, 401, "", "signature", 0},
		"a shared secret that is not set": {with(func(r *httpRequest) { r.headers = map[string]string{"X-Webhook-Secret": ""} }), nil, 401, "", "signature", 0},
		"verification":                    {get(`{"hub.mode":"subscribe","hub.challenge":"1158201444","hub.verify_token":"token"}`), nil, 200, "1158201444", "", 0},
		"verification, another token":     {get(`{"hub.mode":"subscribe","hub.challenge":"1158201444","hub.verify_token":"toke"}`), nil, 403, "", "verify-token", 0},
		"verification without a query":    {get(`{}`), nil, 403, "", "verify-token", 0},
		"verification, not configured":    {get(`{"hub.mode":"subscribe","hub.challenge":"1","hub.verify_token":""}`), none, 503, "", "not-configured", 0},
		"another method":                  {httpRequest{method: http.MethodPut}, nil, 405, "", "method", 0},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			a := callWebhook(t, serveWebhook(t, testkit.AppFolder(t), &log, test.settings), test.request)
			if got := a.Outputs.Response; got.StatusCode != test.status || got.Body != test.body {
				t.Errorf("got %d %q, want %d %q", got.StatusCode, got.Body, test.status, test.body)
			}
			if got := len(a.Outputs.InboundMessages); got != test.messages {
				t.Errorf("got %d messages, want %d", got, test.messages)
			}
			if a.Outputs.RejectedEvents != "" || a.Logs != nil {
				t.Errorf("rejected: %s, logs: %s", a.Outputs.RejectedEvents, a.Logs)
			}
			if test.reason != "" && !strings.Contains(log.String(), `"reason":"`+test.reason+`"`) {
				t.Errorf("no reason %s: %s", test.reason, &log)
			}
			values := strings.ReplaceAll(log.String(), `"secret":`, "")
			for _, secret := range []string{"secret", "s3cre", "1158201444", "Sheena", "16505551234", "13491208655302741918"} {
				if strings.Contains(values, secret) {
					t.Errorf("the log has %s: %s", secret, &log)
				}
			}
		})
	}
}

// While a secret is rotated, the completion line shows which secret, by its position,
// signed a webhook. One that is signed with the old secret is a warning: with the
// log levels of host.json Azure keeps nothing else.
func TestSecretInTheLog(t *testing.T) {
	for name, test := range map[string]struct {
		secrets meta.Secrets
		request httpRequest
		line    string // what the completion line has
		not     string // and what it has not
	}{
		"the new secret":    {meta.NewSecrets("new,old", "", ""), signedWebhook(textWebhook, "new"), `"secret":1,`, `"level":"warn"`},
		"the old secret":    {meta.NewSecrets("new,old", "", ""), signedWebhook(textWebhook, "old"), `"secret":2,`, `"level":"info"`},
		"the only secret":   {meta.NewSecrets("new", "", ""), signedWebhook(textWebhook, "new"), `"level":"info"`, `"secret"`},
		"the shared secret": {meta.NewSecrets("new,old", "shared", ""), httpRequest{method: http.MethodPost, headers: map[string]string{"X-Webhook-Secret": "shared"}, body: textWebhook}, `"level":"info"`, `"secret"`},
		"another secret":    {meta.NewSecrets("new,old", "", ""), signedWebhook(textWebhook, "other"), `"reason":"signature"`, `"secret"`},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			callWebhook(t, serveWebhook(t, testkit.AppFolder(t), &log, func(s *functions.Settings) { s.Secrets = test.secrets }), test.request)
			if !strings.Contains(log.String(), test.line) || strings.Contains(log.String(), test.not) {
				t.Errorf("the completion line lacks %s or has %s: %s", test.line, test.not, &log)
			}
		})
	}
}

// A webhook that is signed is never refused, whatever it contains, and nothing of it
// is lost.
func TestSignedWebhooks(t *testing.T) {
	change := func(field, value string) string {
		return `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"` + field + `","value":` + value + `}]}]}`
	}
	for name, test := range map[string]struct {
		body   string
		counts string // of the completion line
		reason string
	}{
		"not JSON":             {`{"object"`, `"rejected":{"malformed-event":1}`, "malformed-event"},
		"not an object":        {`[]`, `"rejected":{"malformed-event":1}`, "malformed-event"},
		"another object":       {`{"object":"page","entry":[{"id":"1","changes":[]}]}`, `"rejected":{"malformed-event":1}`, "malformed-event"},
		"a broken entry":       {`{"object":"whatsapp_business_account","entry":[7]}`, `"rejected":{"malformed-event":1}`, "malformed-event"},
		"a status without id":  {change("messages", `{"metadata":{"phone_number_id":"1"},"statuses":[{"status":"read"}]}`), `"rejected":{"missing-id":1}`, "missing-id"},
		"an unknown field":     {change("account_update", `{"event":"DISABLED_UPDATE"}`), `"fields":{"account_update":1}`, ""},
		"a field of odd name":  {change("<script>", `{}`), `"fields":{"other":1}`, ""},
		"errors of an account": {change("messages", `{"errors":[{"code":130429,"title":"x"}]}`), `"fields":{"messages":1}`, ""},
		"a preference":         {change("user_preferences", `{"metadata":{"phone_number_id":"1"},"user_preferences":[{"wa_id":"1","category":"marketing_messages","value":"stop","timestamp":1767225600}]}`), `"preferences":{"stop":1}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			a := callWebhook(t, serveWebhook(t, testkit.AppFolder(t), &log, nil), signedWebhook(test.body, "secret"))
			if a.Outputs.Response.StatusCode != 200 {
				t.Errorf("status %d", a.Outputs.Response.StatusCode)
			}
			if !strings.Contains(log.String(), test.counts) {
				t.Errorf("log: %s", &log)
			}
			var reasons []string
			for _, event := range decodeRejected(t, a.Outputs.RejectedEvents).Events {
				reasons = append(reasons, event.Reason)
			}
			if diff := cmp.Diff(strings.Fields(test.reason), append([]string{}, reasons...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// One body may have 1,000 updates and 3 MB.
func TestLargeWebhook(t *testing.T) {
	var messages []string
	for i := range 1000 {
		messages = append(messages, fmt.Sprintf(`{"from":"16505551234","id":"wamid.%d","timestamp":"1767225600","type":"text","text":{"body":"%s"}}`, i, strings.Repeat(`\u00e9`, 480)))
	}
	body := `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1"},"messages":[` + strings.Join(messages, ",") + `]}}]}]}`
	if len(body) < 2_900_000 {
		t.Fatal(len(body))
	}
	a := callWebhook(t, serveWebhook(t, testkit.AppFolder(t), new(bytes.Buffer), nil), signedWebhook(body, "secret"))
	if got := a.Outputs; got.Response.StatusCode != 200 || len(got.InboundMessages) != 1000 || len(got.Messages) != 1000 || got.RejectedEvents != "" {
		t.Errorf("status %d, %d messages, %d rows, rejected %s", got.Response.StatusCode, len(got.InboundMessages), len(got.Messages), got.RejectedEvents)
	}
}

// The wire has names only in profiles, which are not stored.
func TestProfileNamesAreNotStored(t *testing.T) {
	for _, keep := range []bool{false, true} {
		a := callWebhook(t, serveWebhook(t, testkit.AppFolder(t), new(bytes.Buffer), func(s *functions.Settings) { s.KeepProfileNames = keep }), signedWebhook(textWebhook, "secret"))
		for _, text := range append(a.Outputs.InboundMessages, a.Outputs.Messages...) {
			if got := strings.Contains(text, "Sheena"); got != keep {
				t.Errorf("names are stored: %v, want %v: %s", got, keep, text)
			}
		}
	}
}
