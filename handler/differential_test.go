package main

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The same message through ACS and through Meta gives the same rows and queue messages,
// except for raw, and for fields that only Meta fills.
//
// Both sides have the same ids and source here. In reality each provider has its own.
func TestSameConversationThroughBothProviders(t *testing.T) {
	const (
		phone = `"from":"14255550123"`
		acsTo = `"to":"106540352242922"`
		quote = `"from":"15550783881","id":"wamid.Earlier/1="`
	)
	person := map[string]struct{ acs, meta, contact string }{
		"phone": {phone, phone, `{"wa_id":"14255550123"}`},
		"BSUID": {`"from":"US.13491208655302741918"`, `"from_user_id":"US.13491208655302741918"`, `{"user_id":"US.13491208655302741918"}`},
		"both": {
			phone + `,"fromBSUID":"US.13491208655302741918"`, phone + `,"from_user_id":"US.13491208655302741918"`,
			`{"wa_id":"14255550123","user_id":"US.13491208655302741918"}`,
		},
	}
	media := func(kind, mimeType, acs, meta string) [3]string {
		return [3]string{
			kind,
			fmt.Sprintf(`"media":{"id":"1908647269898587","mimeType":%q%s}`, mimeType, acs),
			fmt.Sprintf(`%q:{"id":"1908647269898587","mime_type":%q,"sha256":"SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI="%s}`, kind, mimeType, meta),
		}
	}
	same := func(kind, content string) [3]string { return [3]string{kind, content, content} }
	messages := map[string][3]string{ // the type, and the fields in both payloads
		"text":                         {"text", `"content":"Is order 12345 ready? é 😀 \" \u2028"`, `"text":{"body":"Is order 12345 ready? \u00e9 \ud83d\ude00 \" \u2028"}`},
		"text, empty":                  {"text", `"content":""`, `"text":{"body":""}`},
		"text, too large for a row":    {"text", `"content":"` + strings.Repeat("x", 40_000) + `"`, `"text":{"body":"` + strings.Repeat("x", 40_000) + `"}`},
		"text, too large for a queue":  {"text", `"content":"` + strings.Repeat("é", 40_000) + `"`, `"text":{"body":"` + strings.Repeat(`\u00e9`, 40_000) + `"}`},
		"opt-out by text":              {"text", `"content":"Stop promotions"`, `"text":{"body":"Stop promotions"}`},
		"reply":                        {"text", `"content":"This one","context":{` + quote + `}`, `"text":{"body":"This one"},"context":{` + quote + `}`},
		"image":                        media("image", "image/jpeg", `,"caption":"Where is this?"`, `,"caption":"Where is this?"`),
		"video":                        media("video", "video/mp4", ``, ``),
		"audio":                        media("audio", "audio/ogg; codecs=opus", ``, `,"voice":true`),
		"document":                     media("document", "application/pdf", `,"fileName":"Résumé.pdf","caption":"My CV"`, `,"filename":"R\u00e9sum\u00e9.pdf","caption":"My CV"`),
		"sticker":                      media("sticker", "image/webp", `,"animated":true`, `,"animated":true`),
		"sticker that does not move":   media("sticker", "image/webp", `,"animated":false`, `,"animated":false`),
		"media that was not delivered": {"image", `"error":{"channelCode":"131052","channelMessage":"Reason: 404."}`, `"errors":[{"code":131052,"title":"Media download error","error_data":{"details":"Reason: 404."}}]`},
		"button":                       same("button", `"button":{"text":"Tell me more","payload":"more"},"context":{`+quote+`}`),
		"opt-out by button":            same("button", `"button":{"text":"Unsubscribe","payload":"p"}`),
		"button reply":                 {"interactive", `"interactive":{"type":"buttonReply","buttonReply":{"id":"yes","title":"Yes"}}`, `"interactive":{"type":"button_reply","button_reply":{"id":"yes","title":"Yes"}}`},
		"list reply":                   {"interactive", `"interactive":{"type":"listReply","listReply":{"id":"row","title":"Tomorrow","description":"10:00"}}`, `"interactive":{"type":"list_reply","list_reply":{"id":"row","title":"Tomorrow","description":"10:00"}}`},
		"opt-out by list":              {"interactive", `"interactive":{"type":"listReply","listReply":{"id":"stop","title":"No more"}}`, `"interactive":{"type":"list_reply","list_reply":{"id":"stop","title":"No more"}}`},
		"reaction":                     {"reaction", `"reaction":{"messageId":"wamid.Earlier/1=","emoji":"👍"}`, `"reaction":{"message_id":"wamid.Earlier/1=","emoji":"\ud83d\udc4d"}`},
		"reaction, too large":          {"reaction", `"reaction":{"messageId":"wamid.1","emoji":"` + strings.Repeat("x", 60_000) + `"}`, `"reaction":{"message_id":"wamid.1","emoji":"` + strings.Repeat("x", 60_000) + `"}`},
		"removal of a reaction":        {"reaction", `"reaction":{"messageId":"wamid.Earlier/1="}`, `"reaction":{"message_id":"wamid.Earlier/1="}`},
		"removal, empty emoji":         {"reaction", `"reaction":{"messageId":"wamid.Earlier/1=","emoji":""}`, `"reaction":{"message_id":"wamid.Earlier/1=","emoji":""}`},
		"unsupported":                  {"unsupported", `"error":{"channelCode":"131051","channelMessage":"Message type unknown"}`, `"errors":[{"code":131051,"title":"Message type unknown"}]`},
		"a type that is not known":     same("hologram", `"hologram":{"id":"1"}`),
	}
	compare := newComparison(t)
	for who, p := range person {
		for name, content := range messages {
			acs := fmt.Sprintf(`"channelType":"whatsapp","messageType":%q,"messageId":"wamid.A/+=",%s,%s,"receivedTimestamp":"2025-11-26T08:15:01+00:00",%s`, content[0], p.acs, acsTo, content[1])
			meta := fmt.Sprintf(`"contacts":[%s],"messages":[{"id":"wamid.A/+=",%s,"timestamp":"1764144901","type":%q,%s}]`, p.contact, p.meta, content[0], content[2])
			compare(name+", "+who, receiver, "AdvancedMessageReceived", "wamid.A/+=", acs, meta)
		}
	}
}

// The same status through ACS and through Meta gives the same rows and queue messages.
func TestSameStatusThroughBothProviders(t *testing.T) {
	person := map[string]struct{ acs, meta string }{
		"phone": {`"to":"14255550123"`, `"recipient_id":"14255550123"`},
		"BSUID": {`"to":"US.13491208655302741918"`, `"recipient_user_id":"US.13491208655302741918"`},
		"both":  {`"to":"14255550123","toBSUID":"US.13491208655302741918"`, `"recipient_id":"14255550123","recipient_user_id":"US.13491208655302741918"`},
	}
	const pricing = `,"pricing":{"billable":true,"pricing_model":"PMP","category":"marketing","type":"regular"},"biz_opaque_callback_data":"order 12345"`
	failed := func(code, message string) (acs, meta string) {
		return fmt.Sprintf(`,"error":{"channelCode":%q,"channelMessage":%q}`, code, message),
			fmt.Sprintf(`,"errors":[{"code":%s,"title":"x","error_data":{"details":%q}}]`, code, message)
	}
	statuses131026, meta131026 := failed("131026", "Message Undeliverable.")
	statuses131050, meta131050 := failed("131050", "Stopped.")
	long, metaLong := failed("131000", strings.Repeat("x", 60_000))
	compare := newComparison(t)
	for who, p := range person {
		for name, s := range map[string]struct{ id, acs, meta string }{
			"sent":                        {"sent", ``, pricing},
			"delivered":                   {"delivered", ``, pricing},
			"read":                        {"read", ``, ``},
			"played":                      {"played", ``, ``},
			"deleted":                     {"deleted", ``, ``},
			"failed":                      {"failed:131026", statuses131026, meta131026},
			"failed, opted out":           {"failed:131050", statuses131050, meta131050},
			"failed, too large":           {"failed:131000", long, metaLong},
			"failed, without a code":      {"failed", ``, ``},
			"unknown, with an error code": {"failed:131026", statuses131026, meta131026},
		} {
			status, _, _ := strings.Cut(s.id, ":")
			if strings.HasPrefix(name, "unknown") {
				status = "warning"
			}
			acs := fmt.Sprintf(`"channelType":"whatsapp","messageId":"wamid.A/+=","from":"106540352242922",%s,"status":%q,"receivedTimestamp":"2025-11-26T08:15:01+00:00"%s`, p.acs, strings.ToTitle(status[:1])+status[1:], s.acs)
			meta := fmt.Sprintf(`"statuses":[{"id":"wamid.A/+=",%s,"timestamp":"1764144901","status":%q%s}]`, p.meta, status, s.meta)
			compare(name+", "+who, statuses, "AdvancedMessageDeliveryStatusUpdated", "wamid.A/+=:"+s.id, acs, meta)
		}
	}
}

// newComparison returns a function that sends an update through both providers, given
// the id of the event, the fields of data, and those of the value of the webhook.
func newComparison(t *testing.T) func(name, function, eventType, id, acs, meta string) {
	app := withEveryOutput(t, mediaRequests()...)
	eventGrid, cloudAPI := serveApp(t, app, io.Discard), serveWebhook(t, app, new(bytes.Buffer), nil)
	onlyMeta := fieldsOnlyMetaFills(t)
	return func(name, function, eventType, id, acs, meta string) {
		t.Run(name, func(t *testing.T) {
			event := fmt.Sprintf(`{"id":%q,"topic":"urn:meta:whatsapp:1","eventType":"Microsoft.Communication.%s","eventTime":"2025-11-26T08:15:01Z","data":{%s}}`, id, eventType, acs)
			body := `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"phone_number_id":"106540352242922"},` + meta + `}}]}]}`
			fromACS := invoke(t, eventGrid, function, one(jsontext.Value(event))).Outputs
			fromMeta := callWebhook(t, cloudAPI, signedWebhook(body, "secret")).Outputs
			written := 0
			for output, texts := range map[string][2][]string{
				"inboundMessages": {fromACS.InboundMessages, fromMeta.InboundMessages}, "messages": {fromACS.Messages, fromMeta.Messages},
				"messageStatus": {fromACS.MessageStatus, fromMeta.MessageStatus}, "failedMessages": {fromACS.FailedMessages, fromMeta.FailedMessages},
				"statusUpdates": {fromACS.StatusUpdates, fromMeta.StatusUpdates}, "mediaRequests": {fromACS.MediaRequests, fromMeta.MediaRequests},
			} {
				written += len(texts[0])
				if diff := cmp.Diff(comparable(t, texts[0], nil), comparable(t, texts[1], onlyMeta)); diff != "" {
					t.Errorf("%s, ACS (-), Meta (+):\n%.3000s", output, diff)
				}
			}
			if written < 2 {
				t.Errorf("%d rows and queue messages", written)
			}
			if (fromACS.RejectedEvents == "") != (fromMeta.RejectedEvents == "") {
				t.Errorf("rejected: ACS %t, Meta %t", fromACS.RejectedEvents != "", fromMeta.RejectedEvents != "")
			}
		})
	}
}

// comparable returns outputs without the payload, and without other fields.
func comparable(t *testing.T, texts []string, without []string) (all []map[string]any) {
	t.Helper()
	for _, text := range texts {
		var output map[string]any
		if err := json.Unmarshal([]byte(text), &output); err != nil {
			t.Fatal(err)
		}
		delete(output, "Event")
		if data, isObject := output["data"].(map[string]any); isObject {
			delete(data, "raw")
			for _, path := range without {
				removePath(data, strings.Split(path, "."))
			}
		}
		all = append(all, output)
	}
	return all
}

// removePath removes a field, and the objects that are empty without it.
func removePath(object map[string]any, path []string) {
	inner, isObject := object[path[0]].(map[string]any)
	switch {
	case len(path) == 1:
		delete(object, path[0])
	case isObject:
		removePath(inner, path[1:])
		if len(inner) == 0 {
			delete(object, path[0])
		}
	}
}

var documentedField = regexp.MustCompile("`([a-zA-Z0-9.]+)`")

// fieldsOnlyMetaFills returns the fields for which docs/consume.md names only Meta.
func fieldsOnlyMetaFills(t *testing.T) (fields []string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(repository, "docs/consume.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(line, " | "); len(cells) > 3 && cells[2] == "Meta" {
			for _, match := range documentedField.FindAllStringSubmatch(cells[0], -1) {
				fields = append(fields, match[1])
			}
		}
	}
	for _, field := range []string{"media.sha256", "media.voice", "callbackData", "pricing.category"} {
		if !slices.Contains(fields, field) {
			t.Fatalf("docs/consume.md has no row for %s: %q", field, fields)
		}
	}
	return fields
}
