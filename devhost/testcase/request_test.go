package testcase

import (
	"encoding/json/jsontext"
	"io"
	"strings"
	"testing"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/internal/testkit"
)

func secret(name string) (string, bool) {
	value, ok := map[string]string{settingAppSecrets: "old, new", settingVerifyToken: "token", settingSharedSecret: "shared"}[name]
	return value, ok
}

// Secrets and identities do not stay in a test case; a valid proof is valid again
// when the case runs.
func TestRequestsAreMasked(t *testing.T) {
	const body = `{"entry":[{"id":"1","changes":[{"value":{"messages":[{"from":"4915112345678","timestamp":"1763630103","text":{"body":"I am 4915112345678"}}]}}]}]}`
	quoted, err := jsontext.AppendQuote(nil, body)
	testkit.Must(t, err)
	request := func(signature string) jsontext.Value {
		return jsontext.Value(`[{"Url":"http://127.0.0.1:7071/api/whatsapp?code=k3y&hub.verify_token=token","Method":"POST","Query":{"code":"k3y"},"Identities":[],` +
			`"Headers":{"Cookie":["c00kie"],"x-functions-key":["k3y"],"Content-Type":["application/json"],"X-Webhook-Secret":["shared"],"x-hub-signature-256":["` + signature + `"]},"Body":` + string(quoted) + `}]`)
	}
	for name, test := range map[string]struct{ signature, proof string }{
		"valid under the second secret": {signature("new", []byte(body)), valid},
		"wrong":                         {"sha256=1234", "sha256=" + strings.Repeat("0", 64)},
	} {
		t.Run(name, func(t *testing.T) {
			masked, err := settings(secret).maskRequest(request(test.signature))
			testkit.Must(t, err)
			for _, private := range []string{"k3y", "c00kie", "shared", "token=token", "15112345678", "1234\""} {
				if strings.Contains(string(masked), private) {
					t.Errorf("%s stays in %s", private, masked)
				}
			}
			if !strings.Contains(string(masked), "1763630103") || !strings.Contains(string(masked), `"X-Hub-Signature-256":["`+test.proof+`"]`) {
				t.Errorf("%s", masked)
			}
			value, ok := readRequest(masked)
			if !ok {
				t.Fatalf("not a request: %s", masked)
			}
			replayed, err := bridge.Replay(t.Context(), "http://127.0.0.1:1", value)
			testkit.Must(t, err)
			testkit.Must(t, settings(secret).prove(replayed))
			sent, err := io.ReadAll(replayed.Body)
			testkit.Must(t, err)
			want := test.proof
			if want == valid {
				want = signature("old", sent)
			}
			if got := replayed.Header.Get(headerSignature); got != want {
				t.Errorf("signature %s, want %s", got, want)
			}
			if got := replayed.URL.String(); got != "http://127.0.0.1:1/api/whatsapp?hub.verify_token=token" {
				t.Error(got)
			}
			if got := replayed.Header.Get(headerSecret); got != "shared" {
				t.Error(got)
			}
		})
	}
}
