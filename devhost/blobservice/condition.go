package blobservice

import (
	"net/http"
	"strings"
	"time"

	"whatsapp-functions/devhost/storage/embedded"
)

// forChange returns the condition of a request that changes a blob.
func (r request) forChange() embedded.Condition {
	return func(present *embedded.Blob) error {
		if r.Header.Get("If-None-Match") == "*" && present != nil {
			return errBlobExists
		}
		if !r.conditionsMet(present) {
			return errCondition
		}
		return nil
	}
}

// forRead checks the condition of a request that reads a blob.
func (r request) forRead(blob *embedded.Blob) error {
	switch {
	case r.conditionsMet(blob):
		return nil
	case r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != "":
		return errNotModified
	default:
		return errCondition
	}
}

// conditionsMet checks all conditional headers. The present blob may be nil.
func (r request) conditionsMet(present *embedded.Blob) bool {
	tag := ""
	if present != nil {
		tag = etag(present.Modified)
	}
	if match := r.Header.Get("If-Match"); match != "" && !matches(match, tag) {
		return false
	}
	if match := r.Header.Get("If-None-Match"); match != "" && matches(match, tag) {
		return false
	}
	if present == nil {
		return r.Header.Get("If-Match") == ""
	}
	modified := present.Modified.Truncate(time.Second)
	if since, err := http.ParseTime(r.Header.Get("If-Modified-Since")); err == nil && !modified.After(since) {
		return false
	}
	if since, err := http.ParseTime(r.Header.Get("If-Unmodified-Since")); err == nil && modified.After(since) {
		return false
	}
	return true
}

// matches reports whether a header names the entity tag, or any with *. No tag is
// that of a blob that does not exist.
func matches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); tag != "" && (one == "*" || strings.Trim(one, `"`) == strings.Trim(tag, `"`)) {
			return true
		}
	}
	return false
}
