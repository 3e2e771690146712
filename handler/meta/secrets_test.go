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
	}{
		"signed":                     {NewSecrets("one", "", ""), body, HeaderSignature, good, true},
		"upper case":                 {NewSecrets("one", "", ""), body, "x-hub-signature-256", "sha256=" + strings.ToUpper(good[len("sha256="):]), true},
		"the second secret":          {NewSecrets(" zero , one ,", "", ""), body, HeaderSignature, good, true},
		"spaces around":              {NewSecrets("one", "", ""), body, HeaderSignature, " " + good + " ", true},
		"another secret":             {NewSecrets("two", "", ""), body, HeaderSignature, good, false},
		"no secret":                  {NewSecrets(" , ", "", ""), body, HeaderSignature, sign(body, ""), false},
		"another body":               {NewSecrets("one", "", ""), strings.TrimSpace(body), HeaderSignature, good, false},
		"the start of the signature": {NewSecrets("one", "", ""), body, HeaderSignature, good[:len(good)-2], false},
		"more than the signature":    {NewSecrets("one", "", ""), body, HeaderSignature, good + "00", false},
		"no digits":                  {NewSecrets("one", "", ""), body, HeaderSignature, "sha256=", false},
		"not digits":                 {NewSecrets("one", "", ""), body, HeaderSignature, "sha256=" + strings.Repeat("z", 64), false},
		"no prefix":                  {NewSecrets("one", "", ""), body, HeaderSignature, good[len("sha256="):], false},
		"SHA-1":                      {NewSecrets("one", "", ""), body, "X-Hub-Signature", good, false},
		"no header":                  {NewSecrets("one", "", ""), body, "Other", "", false},
		"shared secret":              {NewSecrets("", "s3cret", ""), body, HeaderSharedSecret, "s3cret", true},
		"the start of it":            {NewSecrets("", "s3cret", ""), body, HeaderSharedSecret, "s3cre", false},
		"no shared secret":           {NewSecrets("one", "", ""), body, HeaderSharedSecret, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.secrets.Authentic([]byte(test.body), headers(test.header, test.got)); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
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
		if !secrets.Authentic(body, headers(HeaderSignature, signature)) {
			t.Error("its own signature is refused")
		}
		other := append(append([]byte(nil), body...), change...)
		if len(change) > 0 && secrets.Authentic(other, headers(HeaderSignature, signature)) {
			t.Error("another body is accepted")
		}
		if at := len(change); at > 0 && secrets.Authentic(body, headers(HeaderSignature, "sha256="+hex.EncodeToString(change))) && hex.EncodeToString(change) != signature[7:] {
			t.Error("another signature is accepted")
		}
	})
}
