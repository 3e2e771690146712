package testcase

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
)

// settings returns an app setting.
type settings func(name string) (string, bool)

// The secrets that a request to a webhook can prove, and the settings that have
// them. A test case has the word valid instead; [settings.prove] replaces it when
// the case runs.
const (
	valid           = "valid"
	headerSignature = "X-Hub-Signature-256"
	headerSecret    = "X-Webhook-Secret"
	verifyToken     = "hub.verify_token"

	settingAppSecrets   = "META_APP_SECRETS"
	settingSharedSecret = "WEBHOOK_SHARED_SECRET"
	settingVerifyToken  = "META_VERIFY_TOKEN"
)

// httpRequest is the part of an HTTP trigger's value that test cases keep.
type httpRequest struct {
	Method  string
	URL     string              `json:"Url"`
	Headers map[string][]string `json:",omitempty"`
	Body    jsontext.Value      `json:",omitempty"`
}

// readRequest returns the request in events, if there is one.
func readRequest(events jsontext.Value) (value dotnet.Value, ok bool) {
	all, err := dotnet.Read(events, dotnet.Options{})
	if err != nil || len(all.Items) != 1 || !bridge.IsHTTPRequest(all.Items[0]) {
		return value, false
	}
	return all.Items[0], true
}

// maskRequest returns a request without its secrets, and with identities masked.
// Of its headers only the type and the proofs stay, and its body becomes compact
// JSON.
func (s settings) maskRequest(events jsontext.Value) (jsontext.Value, error) {
	var all []httpRequest
	if err := json.Unmarshal(events, &all, loose...); err != nil || len(all) != 1 {
		return nil, errors.Join(errors.New("one HTTP request is expected"), err)
	}
	r := &all[0]
	var body string
	if r.Body != nil {
		if err := json.Unmarshal(r.Body, &body, loose...); err != nil {
			return nil, err
		}
	}
	address, err := url.Parse(r.URL)
	if err != nil {
		return nil, errors.New("the request's address can't be read")
	}
	query := address.Query()
	query.Del("code")
	if query.Has(verifyToken) {
		query.Set(verifyToken, s.proof(settingVerifyToken, query.Get(verifyToken)))
	}
	r.URL = address.EscapedPath()
	if len(query) > 0 {
		r.URL += "?" + query.Encode()
	}
	kept := map[string][]string{}
	for name, values := range r.Headers {
		switch name = http.CanonicalHeaderKey(name); name {
		case "Content-Type":
			kept[name] = values
		case headerSecret:
			kept[name] = []string{s.proof(settingSharedSecret, strings.Join(values, ","))}
		case headerSignature:
			kept[name] = []string{s.signatureProof(strings.Join(values, ","), body)}
		}
	}
	r.Headers = kept
	isJSON := jsontext.Value(body).IsValid(loose...)
	if isJSON {
		r.Body = jsontext.Value(body)
	}
	text, err := json.Marshal(all, append(loose, json.Deterministic(true), jsontext.PreserveRawStrings(true))...)
	if err != nil {
		return nil, err
	}
	masked, err := Mask(text)
	if err != nil || !isJSON {
		return masked, err
	}
	if err := json.Unmarshal(masked, &all, loose...); err != nil {
		return nil, err
	}
	if r.Body, err = jsontext.AppendQuote(nil, string(r.Body)); err != nil {
		return nil, err
	}
	return json.Marshal(all, append(loose, json.Deterministic(true), jsontext.PreserveRawStrings(true))...)
}

// proof returns valid if a text is the value of a setting, otherwise "wrong".
func (s settings) proof(setting, text string) string {
	if value, _ := s(setting); value != "" && text == value {
		return valid
	}
	return "wrong"
}

func (s settings) signatureProof(header, body string) string {
	secrets, _ := s(settingAppSecrets)
	for secret := range strings.SplitSeq(secrets, ",") {
		if secret = strings.TrimSpace(secret); secret != "" && strings.EqualFold(header, signature(secret, []byte(body))) {
			return valid
		}
	}
	return "sha256=" + strings.Repeat("0", 2*sha256.Size)
}

// prove replaces the word valid in a request by the secret or signature.
func (s settings) prove(r *http.Request) error {
	query := r.URL.Query()
	if query.Get(verifyToken) == valid {
		value, _ := s(settingVerifyToken)
		query.Set(verifyToken, value)
		r.URL.RawQuery = query.Encode()
	}
	if r.Header.Get(headerSecret) == valid {
		value, _ := s(settingSharedSecret)
		r.Header.Set(headerSecret, value)
	}
	if r.Header.Get(headerSignature) != valid || r.Body == nil {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	secrets, _ := s(settingAppSecrets)
	secret, _, _ := strings.Cut(secrets, ",")
	r.Header.Set(headerSignature, signature(strings.TrimSpace(secret), body))
	return nil
}

// signature returns Meta's signature of a body.
func signature(secret string, body []byte) string {
	code := hmac.New(sha256.New, []byte(secret))
	code.Write(body)
	return "sha256=" + hex.EncodeToString(code.Sum(nil))
}
