package meta

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// HeaderSignature is the header with the signature of a webhook,
// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint.
const HeaderSignature = "X-Hub-Signature-256"

// signed reports whether signature is "sha256=" and the HMAC-SHA256 of body with one
// of the secrets, in hexadecimal digits of either case. The time that it takes does
// not depend on how much of the signature is right.
func signed(body []byte, signature string, secrets []string) bool {
	digits, ok := strings.CutPrefix(strings.TrimSpace(signature), "sha256=")
	if !ok {
		return false
	}
	got, err := hex.DecodeString(digits)
	if err != nil {
		return false
	}
	anySigned := false
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		if hmac.Equal(mac.Sum(nil), got) {
			anySigned = true
		}
	}
	return anySigned
}
