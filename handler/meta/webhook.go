package meta

import (
	"crypto/sha256"
	"crypto/subtle"
	"strings"
)

// HeaderSharedSecret is the header with the secret of senders that pass on Meta's
// webhooks without Meta's signature, such as 360dialog.
const HeaderSharedSecret = "X-Webhook-Secret"

// Secrets are what the senders of webhooks prove to know.
type Secrets struct {
	// App are the secrets of the Meta app, with which webhooks are signed: more
	// than one while they are changed.
	App []string
	// Shared is the value of [HeaderSharedSecret]. It is "" if only Meta sends
	// webhooks.
	Shared string
	// VerifyToken is what Meta sends to check the callback URL.
	VerifyToken string
}

// Any reports whether there is a secret for webhooks.
func (s Secrets) Any() bool { return len(s.App) > 0 || s.Shared != "" }

// Authentic reports whether a webhook is from a sender that knows a secret. The body
// must be exactly the bytes that were sent.
func (s Secrets) Authentic(body []byte, header func(name string) string) bool {
	return signed(body, header(HeaderSignature), s.App) ||
		s.Shared != "" && equal(header(HeaderSharedSecret), s.Shared)
}

// Verified reports whether a request to check the callback URL has the token,
// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint.
func (s Secrets) Verified(query func(name string) string) bool {
	return s.VerifyToken != "" && query("hub.mode") == "subscribe" && equal(query("hub.verify_token"), s.VerifyToken)
}

// Challenge returns what the answer to a verified request must be.
func Challenge(query func(name string) string) string { return query("hub.challenge") }

// equal compares two secrets. The time that it takes does not depend on how much of
// them, or how long, is equal.
func equal(got, want string) bool {
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// NewSecrets reads the secrets of an app, separated by commas.
func NewSecrets(app, shared, verifyToken string) Secrets {
	s := Secrets{Shared: strings.TrimSpace(shared), VerifyToken: strings.TrimSpace(verifyToken)}
	for secret := range strings.SplitSeq(app, ",") {
		if secret = strings.TrimSpace(secret); secret != "" {
			s.App = append(s.App, secret)
		}
	}
	return s
}
