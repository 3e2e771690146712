package prove_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
)

// appSecret signs webhooks. It is in local.settings.json of the app, too.
const appSecret = "local-app-secret"

// webhookRequest returns the request with which Meta posts a body.
func webhookRequest(body string) *bridge.HTTPRequest {
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write([]byte(body))
	r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1:7071/api/whatsapp", bytes.NewReader([]byte(body)))
	if err != nil {
		panic(err)
	}
	r.RequestURI = "/api/whatsapp"
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return bridge.NewHTTPRequest(r, []byte(body), nil, bridge.KeyIdentity{})
}

// wamids are the ids of Meta's messages. They may contain slashes.
var wamids = []string{"wamid.HBgLMTQyNTU1/A==", "wamid.HBgLMTQyNTU1+B=="}

const phoneNumberID = "106540352242922"

// webhook returns a webhook of Meta with one to three updates.
func (p *publisher) webhook() published {
	var want wanted
	value := map[string][]any{}
	for range 1 + p.random.IntN(3) {
		update := pick(p.random, p.metaMessage, p.metaStatus)
		list, fields, rows, id := update()
		value[list] = append(value[list], fields)
		want.rows, want.ids = append(want.rows, rows...), append(want.ids, id)
	}
	change := map[string]any{"metadata": map[string]any{"phone_number_id": phoneNumberID}}
	for list, updates := range value {
		change[list] = updates
	}
	text, err := json.Marshal(map[string]any{
		"object": "whatsapp_business_account",
		"entry":  []any{map[string]any{"id": "1", "changes": []any{map[string]any{"field": "messages", "value": change}}}},
	}, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		panic(err)
	}
	return published{function: webhooks, text: string(text), want: &want}
}

// metaTime is a time in seconds since 1970, and the digits for it in row keys.
func (p *publisher) metaTime() (seconds, digits string) {
	at := pick(p.random, time.Unix(1, 0), time.Date(2026, 11, 20, 9, 15, 3, 0, time.UTC), time.Date(2026, 11, 20, 9, 15, 4, 0, time.UTC))
	return strconv.FormatInt(at.Unix(), 10), ticks(at)
}

func (p *publisher) metaMessage() (list string, fields map[string]any, rows []string, id string) {
	id = pick(p.random, wamids...)
	seconds, digits := p.metaTime()
	fields = map[string]any{"id": id, "timestamp": seconds, "type": "text", "text": map[string]any{"body": pick(p.random, texts...)}}
	identities := []string{}
	if p.random.IntN(3) > 0 {
		fields["from_user_id"] = bsuids[0]
		identities = append(identities, bsuids[0])
	}
	if len(identities) == 0 || p.random.IntN(2) == 0 {
		fields["from"] = phones[0]
		identities = append(identities, phones[0])
	}
	if p.random.IntN(4) == 0 { // an edit opens no window, and has the row of a message
		fields["type"], fields["edit"] = "edit", map[string]any{"original_message_id": wamids[0], "message": map[string]any{"type": "text", "text": map[string]any{"body": "new"}}}
	}
	for _, identity := range identities {
		rows = append(rows, "Messages\t"+phoneNumberID+"|"+identity+"\t"+digits+"-"+escaped(id))
	}
	return "messages", fields, rows, id
}

func (p *publisher) metaStatus() (list string, fields map[string]any, rows []string, id string) {
	ranks := map[string]string{"sent": "89", "delivered": "79", "read": "69", "played": "59"}
	message, status := pick(p.random, wamids...), pick(p.random, "sent", "delivered", "read", "played", "failed", "failed")
	seconds, digits := p.metaTime()
	fields = map[string]any{"id": message, "status": status, "timestamp": seconds, "recipient_id": phones[0]}
	id, key := message+":"+status, ranks[status]+"-"+status
	if status == "failed" {
		code := pick(p.random, 131047, 131026)
		fields["errors"] = []any{map[string]any{"code": code, "title": "Message failed"}}
		id += ":" + strconv.Itoa(code)
		key = "84-failed-" + digits + "-" + strconv.Itoa(code)
	}
	if p.random.IntN(6) == 0 { // one member of a group
		fields["recipient_type"], fields["recipient_id"], fields["recipient_participant_id"] = "group", "Y2FwaV9ncm91cDox", phones[1]
		id, key = id+":"+phones[1], key+"-"+phones[1]
	}
	return "statuses", fields, []string{"MessageStatus\t" + escaped(message) + "\t" + key}, id
}

// posted returns the call for one webhook.
func posted(call bridge.Call, body dotnet.Value) bridge.Call {
	call.Request = webhookRequest(body.Compact())
	call.Events, call.Many = []dotnet.Value{call.Request.Value}, false
	return call
}

// isAnswer reports whether a target is the answer to an HTTP request.
func isAnswer(target string) bool { return strings.HasPrefix(target, "http ") }
