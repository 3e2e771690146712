// Package request reads media requests and writes their results. Both are queue
// messages: CloudEvents in JSON.
package request

import (
	"encoding/hex"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"strings"

	"whatsapp-functions/handler/lenient"
)

// The types of a request and of its results.
const (
	TypeRequested = "conversation.media.requested.v1"
	TypeStored    = "conversation.media.stored.v1"
	TypeFailed    = "conversation.media.failed.v1"
)

// Request asks for the file of one message.
type Request struct {
	// ID identifies the request together with Source, which is that of the message.
	ID     string
	Source string
	// Subject is the id of the message, or else of the event.
	Subject string
	// Time is the time of the message, unchanged.
	Time string

	EventID   string
	MessageID string
	Channel   Channel
	Media     Media
	// Blob is the name of the blob that the file is stored in.
	Blob string
}

// Channel is the business's end of the conversation.
type Channel struct {
	Type string
	ID   string
}

// Media is a file at the provider.
type Media struct {
	ID string
	// MIMEType is that of the message, or "".
	MIMEType string
	// SHA256 is the hash of the file in 64 lower-case hexadecimal digits, or "" if
	// the provider did not send one.
	SHA256 string
	// FileName is personal data. It may be "".
	FileName string
}

// nameLimit is the maximum length of a blob's name,
// https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata.
const nameLimit = 1024

// Decode reads the text of a queue message. The error quotes nothing of the text,
// so it may be logged.
func Decode(text string) (*Request, error) {
	value, err := lenient.Parse(lenient.Clean([]byte(text)))
	if err != nil {
		return nil, fmt.Errorf("media request: %w", err)
	}
	if value.Kind() != jsontext.KindBeginObject {
		return nil, errors.New("media request: not a JSON object")
	}
	event := value.Fields()
	data := event.Get("data").Fields()
	channel, media := data.Get("channel").Fields(), data.Get("media").Fields()
	r := &Request{
		ID:        event.Get("id").Text(),
		Source:    event.Get("source").Text(),
		Subject:   event.Get("subject").Text(),
		Time:      event.Get("time").Text(),
		EventID:   data.Get("eventId").Text(),
		MessageID: data.Get("messageId").Text(),
		Channel:   Channel{channel.Get("type").Text(), channel.Get("id").Text()},
		Media: Media{
			ID:       media.Get("id").Text(),
			MIMEType: media.Get("mimeType").Text(),
			SHA256:   Digest(media.Get("sha256").Text()),
			FileName: media.Get("fileName").Text(),
		},
		Blob: data.Get("blob").Text(),
	}
	switch {
	case event.Get("type").Text() != TypeRequested:
		err = fmt.Errorf("type is not %s", TypeRequested)
	case r.ID == "":
		err = errors.New("no id")
	case r.Source == "":
		err = errors.New("no source")
	case r.Media.ID == "":
		err = errors.New("no data.media.id")
	case strings.ContainsAny(r.Media.ID, `/\?#%`) || !safeSegment(r.Media.ID):
		err = errors.New("data.media.id has characters that an id can't have")
	case r.Blob == "":
		err = errors.New("no data.blob")
	case !safeName(r.Blob):
		err = errors.New("data.blob is not a name that a blob can have")
	}
	if err != nil {
		return nil, fmt.Errorf("media request: %w", err)
	}
	return r, nil
}

// Digest returns a SHA-256 hash in lower-case hexadecimal digits, and "" for a text
// that is not one.
func Digest(text string) string {
	hash, err := hex.DecodeString(text)
	if err != nil || len(hash) != 32 {
		return ""
	}
	return hex.EncodeToString(hash)
}

// safeName reports whether a blob can have this name, and whether no client or
// server takes it for another one.
func safeName(name string) bool {
	if len(name) > nameLimit {
		return false
	}
	for segment := range strings.SplitSeq(name, "/") {
		if segment == "" || !safeSegment(segment) {
			return false
		}
	}
	return !strings.Contains(name, `\`)
}

// safeSegment reports whether a part of a path has no control characters and is
// neither "." nor "..", which clients remove from paths.
func safeSegment(segment string) bool {
	return segment != "." && segment != ".." &&
		!strings.ContainsFunc(segment, func(r rune) bool { return r < ' ' || r >= 0x7F && r < 0xA0 || r == '\uFFFD' })
}
