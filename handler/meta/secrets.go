package meta

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
)

// The headers that authenticate a webhook.
const (
	// HeaderSignature has Meta's signature,
	// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint.
	HeaderSignature = "X-Hub-Signature-256"
	// HeaderSharedSecret has the secret of senders that pass on Meta's webhooks
	// without Meta's signature, such as 360dialog.
	HeaderSharedSecret = "X-Webhook-Secret"
)

// Secrets authenticate the requests to the callback URL.
type Secrets struct {
	// App are the secrets of the Meta app, with which Meta signs webhooks. There
	// are several while a secret is rotated.
	App []string
	// Shared is the value of [HeaderSharedSecret]. It is "" if only Meta sends
	// webhooks.
	Shared string
	// VerifyToken is what Meta sends to check the callback URL.
	VerifyToken string
}

// NewSecrets returns the secrets. Those of the app are separated by commas.
func NewSecrets(app, shared, verifyToken string) Secrets {
	s := Secrets{Shared: strings.TrimSpace(shared), VerifyToken: strings.TrimSpace(verifyToken)}
	for secret := range strings.SplitSeq(app, ",") {
		if secret = strings.TrimSpace(secret); secret != "" {
			s.App = append(s.App, secret)
		}
	}
	return s
}

// Any reports whether there is a secret for webhooks.
func (s Secrets) Any() bool { return len(s.App) > 0 || s.Shared != "" }

// Authentic reports whether the sender of a webhook knows a secret. The body must be
// exactly the bytes that were sent. The position is that of the secret in App,
// counted from 1; it is 0 for the shared secret.
func (s Secrets) Authentic(body []byte, header func(name string) string) (position int, ok bool) {
	if position = signer(body, header(HeaderSignature), s.App); position > 0 {
		return position, true
	}
	return 0, s.Shared != "" && equal(header(HeaderSharedSecret), s.Shared)
}

// signer returns the position, counted from 1, of the first secret for which
// signature is "sha256=" and the HMAC-SHA256 of body in hexadecimal digits of either
// case. It returns 0 if there is none. Its time does not depend on how much of the
// signature is right, nor on the position.
func signer(body []byte, signature string, secrets []string) (position int) {
	digits, ok := strings.CutPrefix(strings.TrimSpace(signature), "sha256=")
	if !ok {
		return 0
	}
	got, err := hex.DecodeString(digits)
	if err != nil {
		return 0
	}
	for i, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		if hmac.Equal(mac.Sum(nil), got) && position == 0 {
			position = i + 1
		}
	}
	return position
}

// Verified reports whether a request to check the callback URL has the token,
// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint.
func (s Secrets) Verified(query func(name string) string) bool {
	return s.VerifyToken != "" && query("hub.mode") == "subscribe" && equal(query("hub.verify_token"), s.VerifyToken)
}

// Challenge returns the body of the answer to a verified request.
func Challenge(query func(name string) string) string { return query("hub.challenge") }

// equal compares two secrets in a time that depends neither on their content nor on
// the length of want.
func equal(got, want string) bool {
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
