package mediaserver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// accessKey is the access key of the resource, in base64. It is no secret: it gives
// access only to files that the developer uploaded.
const accessKey = "ZGV2aG9zdC1wbGF5cy1BenVyZS1Db21tdW5pY2F0aW9uLVNlcnZpY2Vz"

// emptyHash is the hash of an empty body, in base64.
const emptyHash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

// stream answers with the content of a file
// (https://learn.microsoft.com/rest/api/communication/advancedmessaging/stream/get-media).
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	switch {
	case !isSigned(r) && !hasToken(r):
		acsError(w, http.StatusUnauthorized, "Denied", "Denied by the resource provider.")
	case r.URL.Query().Get("api-version") == "":
		acsError(w, http.StatusBadRequest, "BadRequest", "The api-version is missing.")
	case s.send(w, r.PathValue("id")) != nil:
		acsError(w, http.StatusNotFound, "NotFound", "The media was not found.")
	}
}

// isSigned checks the signature of a request without body
// (https://learn.microsoft.com/azure/communication-services/tutorials/hmac-header-tutorial).
func isSigned(r *http.Request) bool {
	const scheme = "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature="
	signature, ok := strings.CutPrefix(r.Header.Get("Authorization"), scheme)
	date := r.Header.Get("x-ms-date")
	if !ok || date == "" || r.Header.Get("x-ms-content-sha256") != emptyHash {
		return false
	}
	key, _ := base64.StdEncoding.DecodeString(accessKey)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(r.Method + "\n" + r.URL.RequestURI() + "\n" + date + ";" + r.Host + ";" + emptyHash))
	return hmac.Equal([]byte(signature), []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil))))
}

func acsError(w http.ResponseWriter, status int, code, message string) {
	answer(w, status, object{"error": object{"code": code, "message": message}})
}
