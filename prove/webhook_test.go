package prove_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
)

// appSecret signs webhooks. It is in local.settings.json of the app, too.
const appSecret = "local-app-secret"

// posted returns the call for one webhook.
func posted(call bridge.Call, body dotnet.Value) bridge.Call {
	call.Request = webhookRequest(body.Text)
	call.Events, call.Many = []dotnet.Value{call.Request.Value}, false
	return call
}

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

// isAnswer reports whether a target is the answer to an HTTP request.
func isAnswer(target string) bool { return strings.HasPrefix(target, "http ") }

// checkAnswer checks the answer to a webhook whose outputs are written: Meta sends
// it again for seven days unless the status is 200.
func checkAnswer(response *bridge.HTTPResponse) error {
	if response == nil || response.Status != http.StatusOK {
		return fmt.Errorf("the answer to Meta is %+v, want status 200", response)
	}
	return nil
}

// wamids are the ids of Meta's messages. They may contain slashes.
var wamids = []string{"wamid.HBgLMTQyNTU1/A==", "wamid.HBgLMTQyNTU1+B=="}

// numbers are the ids of the business's numbers. One is a channel of Event Grid's
// events, too, so that a person writes to it through both sources.
var numbers = []string{"106540352242922", channels[0], channels[1]}

// change is the value of a field of a webhook.
type change struct {
	field, number string
	// lists are updates by the name of their list.
	lists map[string][]jsontext.Value
	// contacts are those of both people, or nothing.
	contacts bool
}

// text returns the change as Meta writes it.
func (c change) text() jsontext.Value {
	value := map[string]any{"messaging_product": "whatsapp", "metadata": map[string]any{"phone_number_id": c.number}}
	for name, updates := range c.lists {
		value[name] = updates
	}
	if c.contacts {
		var contacts []any
		for i := range phones {
			contacts = append(contacts, map[string]any{"wa_id": phones[i], "user_id": bsuids[i], "profile": map[string]any{"name": "Ada"}})
		}
		value["contacts"] = contacts
	}
	return metaJSON(map[string]any{"field": c.field, "value": value})
}

// webhook returns a webhook of Meta with one to five updates, in one or more
// changes and entries.
func (p *publisher) webhook() published {
	want := wanted{}
	var changes []change
	var others []jsontext.Value
	for range 1 + p.random.IntN(5) {
		switch n := p.random.IntN(20); {
		case n < 16:
			makeUpdate, field := p.metaMessage, "messages"
			if n >= 8 {
				makeUpdate = p.metaStatus
			}
			if n == 15 {
				makeUpdate, field = p.preference, "user_preferences"
			}
			if len(changes) == 0 || changes[len(changes)-1].field != field || p.random.IntN(3) == 0 {
				changes = append(changes, change{field: field, number: pick(p.random, numbers...), contacts: p.random.IntN(2) == 0, lists: map[string][]jsontext.Value{}})
			}
			c := changes[len(changes)-1]
			list, update, rows, ids := makeUpdate(c)
			c.lists[list] = append(c.lists[list], update)
			want.rows, want.ids = append(want.rows, rows...), append(want.ids, ids...)
		case n < 19:
			text, id := p.channelEvent()
			others, want.ids = append(others, text), append(want.ids, id)
		default: // the other updates must be written
			others, want.rejected = append(others, pick(p.random, jsontext.Value(`{"field":"messages","value":null}`), jsontext.Value(`"text"`),
				jsontext.Value(`{"field":"messages","value":{"messages":[["text"]]}}`))), true
		}
	}
	for _, c := range changes {
		others = append(others, c.text())
	}
	entries := []any{map[string]any{"id": "1", "changes": others}}
	if len(others) > 1 && p.random.IntN(2) == 0 {
		entries = []any{map[string]any{"id": "1", "changes": others[:1]}, map[string]any{"id": "2", "changes": others[1:]}}
	}
	return published{function: webhooks, text: string(metaJSON(map[string]any{"object": "whatsapp_business_account", "entry": entries})), want: &want}
}

// metaJSON returns JSON as Meta writes it, with \/ for each slash. It keeps the bytes
// of values inside.
func metaJSON(value any) jsontext.Value {
	text, err := json.Marshal(value, json.Deterministic(true), jsontext.PreserveRawStrings(true))
	if err != nil {
		panic(err)
	}
	return jsontext.Value(strings.ReplaceAll(strings.ReplaceAll(string(text), `\/`, "/"), "/", `\/`))
}

// hash returns the id of what Meta gives none: 32 digits of a hash of its bytes.
func hash(text jsontext.Value) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// metaTime is a time in seconds since 1970, and the digits for it in row keys.
func (p *publisher) metaTime() (seconds, digits string) {
	at := pick(p.random, time.Unix(1, 0), time.Date(2026, 11, 20, 9, 15, 3, 0, time.UTC), time.Date(2026, 11, 20, 9, 15, 4, 0, time.UTC))
	return strconv.FormatInt(at.Unix(), 10), ticks(at)
}

// metaPerson sets the fields of one of two people: the BSUID, the phone number, or
// both. It returns the identities, the BSUID first: the contact has both.
func (p *publisher) metaPerson(c change, fields map[string]any, phoneField, bsuidField string) (identities []string) {
	i, shown := p.random.IntN(len(phones)), p.random.IntN(3)
	if shown != 0 {
		fields[bsuidField] = bsuids[i]
	}
	if shown != 1 {
		fields[phoneField] = phones[i]
	}
	if shown != 0 || c.contacts {
		identities = append(identities, bsuids[i])
	}
	if shown != 1 || c.contacts {
		identities = append(identities, phones[i])
	}
	return identities
}

// metaMessage makes a message of any of the kinds that differ for the webhook.
func (p *publisher) metaMessage(c change) (list string, update jsontext.Value, rows, ids []string) {
	id := pick(p.random, wamids...)
	seconds, digits := p.metaTime()
	text := map[string]any{"body": pick(p.random, texts...)}
	fields := map[string]any{"id": id, "timestamp": seconds, "type": "text", "text": text}
	identities := p.metaPerson(c, fields, "from", "from_user_id")
	file := map[string]any{"id": "1908647269898587", "mime_type": pick(p.random, mimeTypes...)}
	requested := false
	switch p.random.IntN(10) {
	case 0:
		fields["type"], fields["edit"] = "edit", map[string]any{"original_message_id": wamids[0], "message": map[string]any{"type": "text", "text": text}}
	case 1:
		fields["type"], fields["revoke"] = "revoke", map[string]any{"original_message_id": wamids[1]}
	case 2:
		fields["type"], fields["system"] = "system", map[string]any{"type": "user_changed_number", "wa_id": "14255550199", "body": "Ada changed"}
	case 3:
		fields["group_id"] = "Y2FwaV9ncm91cDox"
	case 4, 5:
		fields["type"], fields["image"], requested = "image", file, true
	case 6:
		fields["type"], fields["edit"], requested = "edit", map[string]any{"original_message_id": wamids[0], "message": map[string]any{"type": "image", "image": file}}, true
	}
	if p.random.IntN(8) == 0 {
		delete(fields, "id")
	}
	update = metaJSON(fields)
	if fields["id"] == nil {
		id = hash(update)
	}
	for _, identity := range identities {
		rows = append(rows, "Messages\t"+escaped(c.number)+"|"+identity+"\t"+digits+"-"+escaped(id))
	}
	ids = []string{id}
	if requested {
		ids = append(ids, id+":media")
	}
	return "messages", update, rows, ids
}

// metaStatus makes a status. A message may have several, and several failures.
func (p *publisher) metaStatus(c change) (list string, update jsontext.Value, rows, ids []string) {
	ranks := map[string]string{"sent": "89", "delivered": "79", "read": "69", "played": "59", "warning": "99"}
	message, status := pick(p.random, wamids...), pick(p.random, "sent", "delivered", "read", "played", "warning", "failed", "failed", "failed")
	seconds, digits := p.metaTime()
	fields := map[string]any{"id": message, "status": status, "timestamp": seconds}
	id, key := message+":"+status, ranks[status]+"-"+status
	if status == "failed" {
		code := pick(p.random, "131047", "131026", "-")
		key = "84-failed-" + digits + "-" + code
		if code != "-" {
			id += ":" + code
			fields["errors"] = []any{map[string]any{"code": jsontext.Value(code), "title": "Message failed"}}
		}
	}
	if p.random.IntN(3) > 0 {
		p.metaPerson(c, fields, "recipient_id", "recipient_user_id")
	} else { // a member of a group, whom no contact describes
		fields["recipient_type"], fields["recipient_id"] = "group", "Y2FwaV9ncm91cDox"
		member := p.metaPerson(change{}, fields, "recipient_participant_id", "recipient_participant_user_id")[0]
		id, key = id+":"+member, key+"-"+member
	}
	return "statuses", metaJSON(fields), []string{"MessageStatus\t" + escaped(message) + "\t" + key}, []string{id}
}

// preference makes a person's preference, which has no row.
func (p *publisher) preference(c change) (list string, update jsontext.Value, rows, ids []string) {
	seconds, _ := p.metaTime()
	fields := map[string]any{"category": "marketing_messages", "value": pick(p.random, "stop", "resume"), "timestamp": jsontext.Value(seconds)}
	identities := p.metaPerson(c, fields, "wa_id", "user_id")
	return "user_preferences", metaJSON(fields), nil, []string{identities[0] + ":marketing_messages:" + seconds}
}

// channelEvent makes the value of another field, which is not about people.
func (p *publisher) channelEvent() (text jsontext.Value, id string) {
	field := pick(p.random, "message_template_status_update", "account_update")
	value := metaJSON(map[string]any{"event": pick(p.random, "APPROVED", "DISABLED", "a/é")})
	return metaJSON(map[string]any{"field": field, "value": value}), field + ":" + hash(value)
}
