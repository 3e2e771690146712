package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// runChecks delivers nothing. It checks that a deployed app answers.
func (o options) runChecks(ctx context.Context, hook endpoint, routes routes, stdout io.Writer) error {
	if o.check {
		// The handshake of CloudEvents does not start the function.
		for _, function := range routes.functions() {
			if err := hook.handshake(ctx, function); err != nil {
				return err
			}
			fmt.Fprintf(stdout, "%s answers\n", function)
		}
	}
	if o.checkWebhook {
		if err := hook.checkWebhook(ctx); err != nil {
			return err
		}
		fmt.Fprintln(stdout, "WebhookTrigger refuses what is not signed")
	}
	return nil
}

// webhookPath is the path of the function WebhookTrigger.
const webhookPath = "/api/whatsapp"

// checkWebhook sends the webhook of Meta's Cloud API a verification with a wrong
// token and an unsigned event, and checks that it refuses both.
func (w endpoint) checkWebhook(ctx context.Context) error {
	for _, check := range []struct {
		what, method, query, body string
		want                      int
	}{
		{"a verification with a wrong token", http.MethodGet, "?hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong", "", http.StatusForbidden},
		{"an event without a signature", http.MethodPost, "", `{"object":"whatsapp_business_account","entry":[]}`, http.StatusUnauthorized},
	} {
		request, err := http.NewRequestWithContext(ctx, check.method, w.app+webhookPath+check.query, strings.NewReader(check.body))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/json")
		response, err := w.client.Do(request)
		if err != nil {
			return fmt.Errorf("WebhookTrigger: no answer: %w", err)
		}
		_ = response.Body.Close()
		switch status := response.StatusCode; status {
		case check.want:
		case http.StatusNotFound:
			return fmt.Errorf("WebhookTrigger: status 404: the function is disabled (deploy infra/main.bicep with sources=meta or both), or the app has not started")
		case http.StatusServiceUnavailable:
			return fmt.Errorf("WebhookTrigger: status 503: META_APP_SECRETS has no value: set the secret in the Key Vault and restart the app, or the app has not started")
		default:
			return fmt.Errorf("WebhookTrigger: status %d instead of %d for %s", status, check.want, check.what)
		}
	}
	return nil
}
