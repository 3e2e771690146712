package acs

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"whatsapp-functions/media/download"
)

// Connection is a connection string of Azure Communication Services.
type Connection struct {
	Endpoint *url.URL
	Key      []byte
}

// ParseConnection reads a connection string: endpoint=https://<host>/;accesskey=<base64>.
// The error does not quote it.
func ParseConnection(text string) (c Connection, err error) {
	for part := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(name) {
		case "endpoint":
			if c.Endpoint, err = download.Endpoint(value); err != nil {
				return Connection{}, errors.New("the endpoint is not https://<host>")
			}
		case "accesskey":
			if c.Key, err = base64.StdEncoding.DecodeString(value); err != nil {
				return Connection{}, errors.New("the accesskey is not base64")
			}
		}
	}
	if c.Endpoint == nil || len(c.Key) == 0 {
		return Connection{}, errors.New("not a connection string of Azure Communication Services: write endpoint=https://<host>/;accesskey=<key>")
	}
	return c, nil
}

// signPolicy signs each request with the access key,
// https://learn.microsoft.com/azure/communication-services/tutorials/hmac-header-tutorial.
type signPolicy struct {
	key []byte
}

// Do implements [policy.Policy].
func (p signPolicy) Do(request *policy.Request) (*http.Response, error) {
	raw := request.Raw()
	sign(raw, p.key, time.Now())
	return request.Next()
}

// emptyHash is the hash of the body of a GET request.
var emptyHash = func() string {
	hash := sha256.Sum256(nil)
	return base64.StdEncoding.EncodeToString(hash[:])
}()

// sign adds the signature to a request without a body.
func sign(r *http.Request, key []byte, at time.Time) {
	date := at.UTC().Format(http.TimeFormat)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(r.Method + "\n" + r.URL.RequestURI() + "\n" + date + ";" + r.URL.Host + ";" + emptyHash))
	r.Header.Set("X-Ms-Date", date)
	r.Header.Set("X-Ms-Content-Sha256", emptyHash)
	r.Header.Set("Authorization", "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature="+
		base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}
