package mediaserver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	// downloads is the path of files, below [GraphPath].
	downloads = "/files/"
	// urlLife is how long the URL of a file is valid.
	urlLife = 5 * time.Minute
)

// describe answers with the URL of a file
// (https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#retrieve-media-url).
func (s *Server) describe(w http.ResponseWriter, r *http.Request) {
	if !hasToken(r) {
		graphError(w, http.StatusUnauthorized, object{
			"message": "Invalid OAuth access token - Cannot parse access token", "type": "OAuthException", "code": 190,
		})
		return
	}
	file, err := s.Store.Find(r.PathValue("id"))
	if errors.Is(err, ErrNotFound) {
		graphError(w, http.StatusBadRequest, object{
			"message": "Unsupported get request. Object with ID '" + r.PathValue("id") + "' does not exist, cannot be loaded due to missing permissions, or does not support this operation",
			"type":    "GraphMethodException", "code": 100, "error_subcode": 33,
		})
		return
	}
	if err != nil {
		graphError(w, http.StatusInternalServerError, object{"message": "An unknown error occurred", "type": "OAuthException", "code": 1})
		return
	}
	expires := strconv.FormatInt(s.Now().Add(urlLife).Unix(), 10)
	answer(w, http.StatusOK, object{
		"messaging_product": "whatsapp",
		"url":               "http://" + r.Host + GraphPath + downloads + file.ID + "/" + expires + "/" + s.sign(file.ID, expires),
		"mime_type":         file.MimeType,
		"sha256":            file.SHA256Hex,
		"file_size":         file.Size,
		"id":                file.ID,
	})
}

// download answers with the content of a file: 401 without a token, and 404 if the
// URL or the file is no longer valid.
func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	id, expires := r.PathValue("id"), r.PathValue("expires")
	end, err := strconv.ParseInt(expires, 10, 64)
	switch {
	case !hasToken(r):
		w.WriteHeader(http.StatusUnauthorized)
	case err != nil, !hmac.Equal([]byte(s.sign(id, expires)), []byte(r.PathValue("signature"))), s.Now().Unix() >= end:
		w.WriteHeader(http.StatusNotFound)
	case s.send(w, id) != nil:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (s *Server) sign(id, expires string) string {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(id + " " + expires))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// hasToken reports whether a request has an access token. Any token is valid.
func hasToken(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "Bearer") && strings.TrimSpace(token) != ""
}

type object = map[string]any

// graphError answers with an error of the Graph API
// (https://developers.facebook.com/docs/graph-api/guides/error-handling).
func graphError(w http.ResponseWriter, status int, err object) {
	err["fbtrace_id"] = uuid.NewString()
	answer(w, status, object{"error": err})
}
