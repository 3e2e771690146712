package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json/v2"
	"fmt"
	"net/http"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
)

// appSecret is the secret that webhooks are signed with.
const appSecret = "bench"

// webhookRequest returns the body that the host sends for a signed webhook with so
// many text messages.
func webhookRequest(updates int, userIDs bool) (string, error) {
	body, err := webhook(updates, userIDs)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write(body)
	request, err := http.NewRequest(http.MethodPost, "http://127.0.0.1:7071/api/whatsapp", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.RequestURI = "/api/whatsapp"
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	passed := bridge.NewHTTPRequest(request, body, nil, bridge.KeyIdentity{})
	call := bridge.Call{
		ID: "0d1f6a2e-5b1c-4a53-9c5e-6d3c9c0f7a01", Function: webhooks, Trigger: "request",
		Request: passed, Events: []dotnet.Value{passed.Value},
		Now: moment, GUID: "2f7e4d9b-8f0b-4a8e-8d0c-2d4e3b4c5a10",
	}
	return call.Body(), nil
}

// webhook returns a webhook with so many text messages of one person, who has a phone
// number and, if it is wanted, a user id.
func webhook(updates int, userIDs bool) ([]byte, error) {
	one, err := text(42).Webhook(moment)
	if err != nil {
		return nil, err
	}
	var whole struct {
		Object string `json:"object"`
		Entry  []struct {
			ID      string `json:"id"`
			Changes []struct {
				Value map[string]any `json:"value"`
				Field string         `json:"field"`
			} `json:"changes"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(one, &whole); err != nil {
		return nil, err
	}
	value := whole.Entry[0].Changes[0].Value
	message := value["messages"].([]any)[0].(map[string]any)
	if !userIDs {
		delete(message, "from_user_id")
		for _, contact := range value["contacts"].([]any) {
			delete(contact.(map[string]any), "user_id")
		}
	}
	all := make([]any, updates)
	for i := range all {
		copied := map[string]any{}
		for name, field := range message {
			copied[name] = field
		}
		copied["id"] = fmt.Sprintf("wamid.HBgLMTQyNTU1NTAxMjMVAgASGBQ%012d", i)
		all[i] = copied
	}
	value["messages"] = all
	return json.Marshal(whole, json.Deterministic(true))
}
