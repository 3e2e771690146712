package main

import (
	"bytes"
	"encoding/json/jsontext"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/functions"
	"whatsapp-functions/handler/meta"
)

// The updates of a webhook that are delivered again through Event Grid give the same
// rows and queue messages as the webhook. Each update belongs to one function.
func TestWebhooksThroughEventGrid(t *testing.T) {
	app := withEveryOutput(t)
	cloudAPI, eventGrid := serveWebhook(t, app, new(bytes.Buffer), nil), serveApp(t, app, io.Discard)
	for _, name := range webhooks(t, "") {
		body := webhookText(t, name)
		want := callWebhook(t, cloudAPI, signedWebhook(body, "secret"))
		got := map[string][]string{}
		for _, part := range meta.Split([]byte(body), false) {
			if part.Event == "" {
				continue
			}
			var taken []string
			for _, function := range []string{receiver, statuses} {
				a := invoke(t, eventGrid, function, string(part.Event))
				if len(a.rejected(t).Events) > 0 {
					continue
				}
				taken = append(taken, function)
				for schema, texts := range a.Outputs.bySchema(t) {
					got[schema] = append(got[schema], texts...)
				}
			}
			if len(taken) != 1 {
				t.Errorf("%s: %d functions take %.200s", name, len(taken), part.Event)
			}
		}
		want.Outputs.RejectedEvents = ""
		for schema, texts := range want.Outputs.bySchema(t) {
			slices.Sort(texts)
			slices.Sort(got[schema])
			if diff := cmp.Diff(texts, append([]string{}, got[schema]...)); diff != "" && len(texts)+len(got[schema]) > 0 {
				t.Errorf("%s, %s: webhook (-), Event Grid (+):\n%s", name, schema, diff)
			}
		}
	}
}

// A message reaches the queue and its rows, however long the texts and lists are that a
// person or an ad chose. The whole event is kept in rejectedEvents.
func TestLongTextsFromMeta(t *testing.T) {
	server := serveWebhook(t, withEveryOutput(t), new(bytes.Buffer), nil)
	compiled := schemas(t)
	// Each X becomes a long text.
	for name, content := range map[string]string{
		"text":                     `"type":"text","text":{"body":"X"}`,
		"caption":                  `"type":"image","image":{"id":"1","caption":"X"}`,
		"label of a button":        `"type":"button","button":{"text":"X","payload":"p"}`,
		"title of a choice":        `"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"1","title":"X"}}`,
		"description of a choice":  `"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"1","title":"t","description":"X"}}`,
		"title of a flow":          `"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"X"}}`,
		"response of a flow":       `"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","response_json":"{\"a\":\"X\"}"}}`,
		"response to a permission": `"type":"interactive","interactive":{"type":"call_permission_reply","call_permission_reply":{"response":"accept","more":"X"}}`,
		"emoji":                    `"type":"reaction","reaction":{"message_id":"1","emoji":"X"}`,
		"name of a place":          `"type":"location","location":{"latitude":1,"longitude":2,"name":"X"}`,
		"address of a place":       `"type":"location","location":{"latitude":1,"longitude":2,"address":"X"}`,
		"URL of a place":           `"type":"location","location":{"latitude":1,"longitude":2,"url":"X"}`,
		"all texts of a place":     `"type":"location","location":{"latitude":1,"longitude":2,"name":"X","address":"X","url":"X"}`,
		"name of a contact":        `"type":"contacts","contacts":[{"name":{"formatted_name":"X"},"phones":[{"phone":"1"}]}]`,
		"address of a contact":     `"type":"contacts","contacts":[{"name":{"formatted_name":"n"},"emails":[{"email":"X"}]}]`,
		"many contacts":            `"type":"contacts","contacts":[` + strings.Repeat(`{"name":{"formatted_name":"Carol Example"},"phones":[{"phone":"14255550142"}]},`, 2000) + `{}]`,
		"note of an order":         `"type":"order","order":{"catalog_id":"1","text":"X","product_items":[{"product_retailer_id":"1","quantity":1}]}`,
		"many items of an order":   `"type":"order","order":{"catalog_id":"1","product_items":[` + strings.Repeat(`{"product_retailer_id":"1","quantity":1,"item_price":1.5,"currency":"USD"},`, 2000) + `{}]}`,
		"body of an ad":            `"type":"text","text":{"body":"Hi"},"referral":{"source_id":"1","body":"X"}`,
		"headline of an ad":        `"type":"text","text":{"body":"Hi"},"referral":{"source_id":"1","headline":"X"}`,
		"URL of an ad":             `"type":"text","text":{"body":"Hi"},"referral":{"source_id":"1","source_url":"X"}`,
		"all texts of an ad":       `"type":"text","text":{"body":"X"},"referral":{"source_id":"1","source_url":"X","headline":"X","body":"X"}`,
		"new text":                 `"type":"edit","edit":{"original_message_id":"1","message":{"type":"text","text":{"body":"X"}}}`,
		"text of an error":         `"type":"unsupported","errors":[{"code":131051,"error_data":{"details":"X"}}]`,
		"content of no known type": `"type":"hologram","hologram":{"text":"X"}`,
	} {
		for _, letters := range []string{"x", "é", "😀", `\n`, `\u0001`, `\\`} {
			long := strings.Repeat(letters, 60_000)
			if strings.Contains(content, `\"`) {
				long = strings.Repeat("x", 60_000)
			}
			body := `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1"},"messages":[` +
				`{"from":"14255550123","from_user_id":"US.1","id":"wamid.1","timestamp":"1764144901",` + strings.ReplaceAll(content, "X", long) + `}]}}]}]}`
			a := callWebhook(t, server, signedWebhook(body, "secret"))
			if len(a.Outputs.InboundMessages) != 1 || len(a.Outputs.Messages) != 2 {
				t.Errorf("%s of %q: %d queue messages, %d rows: %.300s", name, letters, len(a.Outputs.InboundMessages), len(a.Outputs.Messages), decodeRejected(t, a.Outputs.RejectedEvents).Events[0].Detail)
				continue
			}
			for schema, texts := range a.Outputs.bySchema(t) {
				for _, text := range texts {
					if err := validate(compiled[schema], text); err != nil {
						t.Errorf("%s of %q: %.1000s", name, letters, err)
					}
				}
			}
			if len(a.Outputs.InboundMessages[0]) > 48<<10 {
				t.Errorf("%s of %q: a queue message of %d bytes", name, letters, len(a.Outputs.InboundMessages[0]))
			}
			rejected := decodeRejected(t, a.Outputs.RejectedEvents).Events
			if len(rejected) != 1 || !rejected[0].Written || rejected[0].Reason != "oversize" {
				t.Errorf("%s of %q: rejected %d", name, letters, len(rejected))
			}
		}
	}
}

// Profile names and usernames are in no output, unless the app stores them. The
// exceptions are names that a person sent as the content of a message.
func TestNamesOfWebhooks(t *testing.T) {
	sent := map[string]bool{"address-reply": true, "contacts-origin-request": true, "state-sync": true}
	for _, keep := range []bool{false, true} {
		server := serveWebhook(t, withEveryOutput(t), new(bytes.Buffer), func(s *functions.Settings) { s.KeepProfileNames = keep })
		kept := 0
		for _, name := range webhooks(t, "") {
			a := callWebhook(t, server, signedWebhook(webhookText(t, name), "secret"))
			for _, texts := range a.Outputs.bySchema(t) {
				for _, text := range texts {
					switch has := strings.Contains(text, "Ada Example") || strings.Contains(text, "Bob Example") || strings.Contains(text, "ada.example"); {
					case has && !keep && !sent[name]:
						t.Errorf("%s has a name: %s", name, text)
					case has:
						kept++
					}
				}
			}
		}
		if keep && kept < 100 {
			t.Errorf("only %d outputs have names", kept)
		}
	}
}

// No text of a webhook gets into the log or into the answer.
func TestWebhooksStayOutOfLogs(t *testing.T) {
	var log bytes.Buffer
	server := serveWebhook(t, withEveryOutput(t), &log, nil)
	for _, name := range webhooks(t, "") {
		body := webhookText(t, name)
		words := personal(t, jsontext.Value(`{"data":`+body+`}`))
		for _, request := range []httpRequest{
			signedWebhook(body, "secret"), signedWebhook(body, "guess"),
			signedWebhook(body[:len(body)/2], "secret"), // not JSON
			signedWebhook(strings.ReplaceAll(body, `"messages"`, `"Ada Example"`), "secret"),
		} {
			log.Reset()
			a := callWebhook(t, server, request)
			logged := log.String() + strings.Join(a.Logs, "\n") + a.Outputs.Response.Body
			for _, found := range leaks(logged, words) {
				// The log counts kinds, statuses and the names of fields.
				if strings.Trim(found, "abcdefghijklmnopqrstuvwxyz_") != "" {
					t.Errorf("%s: the log has %q: %s", name, found, logged)
				}
			}
		}
	}
}

// Outputs follow their schemas also for webhooks with odd values, and no update is lost.
func TestOddWebhooks(t *testing.T) {
	compiled := schemas(t)
	server := serveWebhook(t, withEveryOutput(t), new(bytes.Buffer), nil)
	checked := 0
	for _, name := range webhooks(t, "") {
		webhook := jsontext.Value(webhookText(t, name))
		if err := webhook.Compact(); err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(8) {
			body := string(variant(webhook, seed+1))
			a := callWebhook(t, server, signedWebhook(body, "secret"))
			if a.Outputs.Response.StatusCode != 200 {
				t.Errorf("%s, seed %d: %d", name, seed+1, a.Outputs.Response.StatusCode)
			}
			written := 0
			for schema, texts := range a.Outputs.bySchema(t) {
				for _, text := range texts {
					written++
					if err := validate(compiled[schema], text); err != nil {
						t.Errorf("%s, seed %d: %v\n%.1000s", name, seed+1, err, text)
					}
				}
			}
			if written == 0 {
				t.Errorf("%s, seed %d: nothing is written: %s", name, seed+1, body)
			}
			checked += written
		}
	}
	if checked < 1500 {
		t.Errorf("only %d outputs were checked", checked)
	}
}
