package meta

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

func sign(body, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func headers(name, value string) func(string) string {
	return func(asked string) string {
		if strings.EqualFold(asked, name) {
			return value
		}
		return ""
	}
}

func TestAuthentic(t *testing.T) {
	const body = `{"a":"\u00e9"}` + "\r\n"
	good := sign(body, "one")
	for name, test := range map[string]struct {
		secrets           Secrets
		body, header, got string
		want              bool
		position          int
	}{
		"signed":                     {NewSecrets("one", "", ""), body, HeaderSignature, good, true, 1},
		"upper case":                 {NewSecrets("one", "", ""), body, "x-hub-signature-256", "sha256=" + strings.ToUpper(good[len("sha256="):]), true, 1},
		"the second secret":          {NewSecrets(" zero , one ,", "", ""), body, HeaderSignature, good, true, 2},
		"spaces around":              {NewSecrets("one", "", ""), body, HeaderSignature, " " + good + " ", true, 1},
		"the same secret twice":      {NewSecrets("zero,one,one", "", ""), body, HeaderSignature, good, true, 2},
		"both secrets":               {NewSecrets("zero,one", "s3cret", ""), body, HeaderSharedSecret, "s3cret", true, 0},
		"another secret":             {NewSecrets("two", "", ""), body, HeaderSignature, good, false, 0},
		"no secret":                  {NewSecrets(" , ", "", ""), body, HeaderSignature, sign(body, ""), false, 0},
		"another body":               {NewSecrets("one", "", ""), strings.TrimSpace(body), HeaderSignature, good, false, 0},
		"the start of the signature": {NewSecrets("one", "", ""), body, HeaderSignature, good[:len(good)-2], false, 0},
		"more than the signature":    {NewSecrets("one", "", ""), body, HeaderSignature, good + "00", false, 0},
		"no digits":                  {NewSecrets("one", "", ""), body, HeaderSignature, "sha256=", false, 0},
		"not digits":                 {NewSecrets("one", "", ""), body, HeaderSignature, "sha256=" + strings.Repeat("z", 64), false, 0},
		"no prefix":                  {NewSecrets("one", "", ""), body, HeaderSignature, good[len("sha256="):], false, 0},
		"SHA-1":                      {NewSecrets("one", "", ""), body, "X-Hub-Signature", good, false, 0},
		"no header":                  {NewSecrets("one", "", ""), body, "Other", "", false, 0},
		"shared secret":              {NewSecrets("", "s3cret", ""), body, HeaderSharedSecret, "s3cret", true, 0},
		"the start of it":            {NewSecrets("", "s3cret", ""), body, HeaderSharedSecret, "s3cre", false, 0},
		"no shared secret":           {NewSecrets("one", "", ""), body, HeaderSharedSecret, "", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			position, got := test.secrets.Authentic([]byte(test.body), headers(test.header, test.got))
			if got != test.want || position != test.position {
				t.Errorf("got %v with secret %d, want %v with secret %d", got, position, test.want, test.position)
			}
		})
	}
}

func TestVerified(t *testing.T) {
	for name, test := range map[string]struct {
		token string
		query map[string]string
		want  bool
	}{
		"verified":               {"t", map[string]string{"hub.mode": "subscribe", "hub.verify_token": "t"}, true},
		"another token":          {"t", map[string]string{"hub.mode": "subscribe", "hub.verify_token": "u"}, false},
		"another mode":           {"t", map[string]string{"hub.mode": "unsubscribe", "hub.verify_token": "t"}, false},
		"no query":               {"t", nil, false},
		"no token is configured": {"", map[string]string{"hub.mode": "subscribe", "hub.verify_token": ""}, false},
	} {
		t.Run(name, func(t *testing.T) {
			query := func(name string) string { return test.query[name] }
			if got := NewSecrets("", "", test.token).Verified(query); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// No body passes with the signature of another, and each passes with its own.
func FuzzAuthentic(f *testing.F) {
	f.Add([]byte("{}"), "secret", []byte{0})
	f.Fuzz(func(t *testing.T, body []byte, secret string, change []byte) {
		secrets := NewSecrets(secret, "", "")
		if len(secrets.App) != 1 {
			return
		}
		signature := sign(string(body), secrets.App[0])
		accepted := func(body []byte, signature string) bool {
			_, ok := secrets.Authentic(body, headers(HeaderSignature, signature))
			return ok
		}
		if !accepted(body, signature) {
			t.Error("its own signature is refused")
		}
		other := append(append([]byte(nil), body...), change...)
		if len(change) > 0 && accepted(other, signature) {
			t.Error("another body is accepted")
		}
		if len(change) > 0 && accepted(body, "sha256="+hex.EncodeToString(change)) && hex.EncodeToString(change) != signature[7:] {
			t.Error("another signature is accepted")
		}
	})
}
