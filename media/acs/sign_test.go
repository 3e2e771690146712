package acs

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestParseConnection(t *testing.T) {
	for name, test := range map[string]struct{ text, endpoint, err string }{
		"whole":            {"endpoint=https://demo.communication.azure.com/;accesskey=c2VjcmV0", "https://demo.communication.azure.com", ""},
		"other order":      {" AccessKey=c2VjcmV0; Endpoint=https://demo.communication.azure.com;", "https://demo.communication.azure.com", ""},
		"this machine":     {"endpoint=http://127.0.0.1:7071/acs;accesskey=c2VjcmV0", "http://127.0.0.1:7071/acs", ""},
		"not https":        {"endpoint=http://demo.communication.azure.com/;accesskey=c2VjcmV0", "", "the endpoint is not https://<host>"},
		"no endpoint":      {"accesskey=c2VjcmV0", "", "not a connection string"},
		"no key":           {"endpoint=https://demo.communication.azure.com/", "", "not a connection string"},
		"an empty key":     {"endpoint=https://demo.communication.azure.com/;accesskey=", "", "not a connection string"},
		"key not base64":   {"endpoint=https://demo.communication.azure.com/;accesskey=c2VjcmV0!", "", "the accesskey is not base64"},
		"nothing":          {"", "", "not a connection string"},
		"something else":   {"c2VjcmV0", "", "not a connection string"},
		"a storage string": {"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0", "", "not a connection string"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := ParseConnection(test.text)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) || strings.Contains(err.Error(), "c2VjcmV0") {
					t.Errorf("got %v, want %s", err, test.err)
				}
				return
			}
			if err != nil || c.Endpoint.String() != test.endpoint || string(c.Key) != "secret" {
				t.Errorf("got %v, %v, want %s", c.Endpoint, err, test.endpoint)
			}
		})
	}
}

// The signature of a request at a given time, computed with other programs:
//
//	printf 'GET\n/messages/streams/id?api-version=2024-08-30\nWed, 25 Nov 2026 21:00:00 GMT;demo.communication.azure.com;%s' \
//	  "$(printf '' | openssl dgst -sha256 -binary | base64)" | openssl dgst -sha256 -hmac secret -binary | base64
func TestSign(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "https://demo.communication.azure.com/messages/streams/id?api-version=2024-08-30", nil)
	sign(r, []byte("secret"), time.Date(2026, 11, 25, 22, 0, 0, 0, time.FixedZone("", 3600)))
	for name, want := range map[string]string{
		"x-ms-date":           "Wed, 25 Nov 2026 21:00:00 GMT",
		"x-ms-content-sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		"Authorization":       "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=MuAqPTeC7ebJ20A7iQ/ePkpID2nGpPxWDJWt9tSeDU4=",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// A connection has an endpoint and a key exactly when there is no error.
func FuzzParseConnection(f *testing.F) {
	f.Add("endpoint=https://demo.communication.azure.com/;accesskey=c2VjcmV0")
	f.Add("endpoint=http://127.0.0.1:7071/acs;accesskey=c2VjcmV0;x=y")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseConnection(text)
		if (err == nil) != (c.Endpoint != nil && len(c.Key) > 0) || err != nil && (c.Endpoint != nil || c.Key != nil) {
			t.Errorf("got %v, %v", c, err)
		}
	})
}
