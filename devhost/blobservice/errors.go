package blobservice

import (
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"time"

	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/embedded"
)

// serviceError is an error of the service
// (https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes).
type serviceError struct {
	status        int
	code, message string
}

func (e serviceError) Error() string { return e.code + ": " + e.message }

var (
	errBadRequest        = serviceError{http.StatusBadRequest, "InvalidInput", "One of the request inputs is not valid."}
	errBlobExists        = serviceError{http.StatusConflict, "BlobAlreadyExists", "The specified blob already exists."}
	errBlobNotFound      = serviceError{http.StatusNotFound, "BlobNotFound", "The specified blob does not exist."}
	errBlobType          = serviceError{http.StatusBadRequest, "InvalidHeaderValue", "The value for one of the HTTP headers is not in the correct format: x-ms-blob-type must be BlockBlob."}
	errBlockID           = serviceError{http.StatusBadRequest, "InvalidQueryParameterValue", "Value for one of the query parameters specified in the request URI is invalid: blockid must be base64 of 1 to 64 bytes."}
	errBlockList         = serviceError{http.StatusBadRequest, "InvalidBlockList", "The specified block list is invalid."}
	errBody              = serviceError{http.StatusBadRequest, "IncompleteBody", "The request body ended before its Content-Length."}
	errCondition         = serviceError{http.StatusPreconditionFailed, "ConditionNotMet", "The condition specified using HTTP conditional header(s) is not met."}
	errContainerExists   = serviceError{http.StatusConflict, "ContainerAlreadyExists", "The specified container already exists."}
	errContainerNotFound = serviceError{http.StatusNotFound, "ContainerNotFound", "The specified container does not exist."}
	errInternal          = serviceError{http.StatusInternalServerError, "InternalError", "The server encountered an internal error."}
	errInvalidName       = serviceError{http.StatusBadRequest, "InvalidResourceName", "The specified resource name contains invalid characters."}
	errLength            = serviceError{http.StatusLengthRequired, "MissingContentLengthHeader", "Content-Length HTTP header is missing."}
	errMD5               = serviceError{http.StatusBadRequest, "Md5Mismatch", "The MD5 value specified in the request did not match the MD5 value calculated by the server."}
	errMetadata          = serviceError{http.StatusBadRequest, "InvalidMetadata", "The specified metadata is invalid. It includes characters that are not permitted."}
	errMetadataSize      = serviceError{http.StatusBadRequest, "MetadataTooLarge", "The size of the specified metadata exceeds the limits."}
	errNotImplemented    = serviceError{http.StatusNotImplemented, "NotImplemented", "devhost does not have this operation of the Blob service."}
	errNotModified       = serviceError{status: http.StatusNotModified, code: "ConditionNotMet"}
	errRange             = serviceError{http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The range specified is invalid for the current size of the resource."}
	errTooLarge          = serviceError{http.StatusRequestEntityTooLarge, "RequestBodyTooLarge", "The size of the request body exceeds the maximum size permitted."}
)

// asServiceError returns the answer to an error.
func asServiceError(err error) serviceError {
	if e, ok := errors.AsType[serviceError](err); ok {
		return e
	}
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return errBlobNotFound
	case errors.Is(err, embedded.ErrBlock):
		return errBlockList
	case errors.Is(err, storage.ErrInvalid):
		return errInvalidName
	case errors.Is(err, fs.ErrExist):
		return errContainerExists
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errBody
	default:
		return errInternal
	}
}

// writeError answers with an error. A HEAD request gets only the headers.
func writeError(w http.ResponseWriter, r *http.Request, err error) {
	e := asServiceError(err)
	header := w.Header()
	header.Set("x-ms-error-code", e.code)
	if e.status == http.StatusNotModified {
		w.WriteHeader(e.status)
		return
	}
	text, _ := xml.Marshal(struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: e.code, Message: e.message + "\nRequestId:" + header.Get("x-ms-request-id") + "\nTime:" + time.Now().UTC().Format("2006-01-02T15:04:05.0000000Z")})
	header.Set("Content-Type", "application/xml")
	w.WriteHeader(e.status)
	if r.Method != http.MethodHead {
		_, _ = io.WriteString(w, xml.Header+string(text))
	}
}
