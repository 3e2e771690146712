package functions

import (
	"net/http"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/meta"
)

// receiveWebhook answers a request to the callback URL of Meta's Cloud API, and returns
// the updates in it. A webhook that is authentic is always answered with 200,
// because Meta would send it again for seven days: what can't be read is kept in
// rejectedEvents.
func receiveWebhook(request *bridge.Request, settings Settings) (bridge.Response, []bridge.Entry) {
	switch request.Method {
	case http.MethodGet:
		return verifyCallback(request, settings.Secrets), nil
	case http.MethodPost:
		response := checkWebhook(request, settings.Secrets)
		if response.Status != http.StatusOK {
			return response, nil
		}
		return response, split(request.Body, settings)
	default:
		return bridge.Response{Status: http.StatusMethodNotAllowed, Reason: "method"}, nil
	}
}

// verifyCallback answers the request with which Meta checks the callback URL.
func verifyCallback(request *bridge.Request, secrets meta.Secrets) bridge.Response {
	switch {
	case secrets.VerifyToken == "":
		return notConfigured
	case !secrets.Verified(request.Query):
		return bridge.Response{Status: http.StatusForbidden, Reason: "verify-token"}
	default:
		return bridge.Response{Status: http.StatusOK, Body: meta.Challenge(request.Query)}
	}
}

// notConfigured is the answer while a setting is missing, or is a reference to a
// Key Vault that Azure could not read. Meta sends the webhook again later.
var notConfigured = bridge.Response{Status: http.StatusServiceUnavailable, Reason: "not-configured", Warn: true}

// checkWebhook returns the answer to a webhook. Its status is 200 if the webhook is
// authentic.
func checkWebhook(request *bridge.Request, secrets meta.Secrets) bridge.Response {
	position, authentic := secrets.Authentic(request.Body, request.Header)
	switch {
	case !secrets.Any():
		return notConfigured
	case request.HasQuery():
		// No signature covers the query, whose fields the host uses in the
		// names of outputs.
		return bridge.Response{Status: http.StatusBadRequest, Reason: "query"}
	case !request.HasBody:
		// The host passes a body on only with Content-Length: a proxy that sends
		// chunks must be configured.
		return bridge.Response{Status: http.StatusLengthRequired, Reason: "no-body-or-no-content-length", Warn: true}
	case !authentic:
		return bridge.Response{Status: http.StatusUnauthorized, Reason: "signature"}
	case len(secrets.App) > 1:
		// A new secret is put before the old one. The log shows until when the old
		// one is used; Azure keeps warnings only.
		return bridge.Response{Status: http.StatusOK, Secret: position, Warn: position > 1}
	default:
		return bridge.Response{Status: http.StatusOK}
	}
}

// split returns the updates of a webhook.
func split(body []byte, settings Settings) []bridge.Entry {
	parts := meta.Split(body, settings.KeepProfileNames)
	entries := make([]bridge.Entry, len(parts))
	for i, part := range parts {
		entries[i] = bridge.Entry{Event: part.Event, Text: part.Text}
		if part.Problem != "" {
			entries[i].Rejection = bridge.Reject(bridge.MalformedEvent, part.Problem)
		}
	}
	return entries
}
