package record

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"whatsapp-functions/handler/conversation"
)

// MediaBlob returns the name of the blob for the file of a message:
//
//	<channel id>/<32 hexadecimal digits of the SHA-256 of "<source> <message id>"><extension>
//
// Source is the source of the event, and the message id is m.ID(). A redelivered
// event therefore gives the same name, and two messages never share one: a source
// contains no space, and consumers identify a message by the same two values.
//
// The name contains no personal data. It has a hash because a WhatsApp message id
// contains the sender's phone number in base64, and it does not have the file name,
// which the sender chose.
//
// It needs no escaping in a URL or a path: it consists of letters, digits, hyphens,
// underscores, dots and tildes in two segments, neither of which starts or ends with
// a dot. It has at most 110 characters; Azure allows 1,024,
// https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata.
func MediaBlob(eventSource string, m *conversation.Message) string {
	return channelSegment(m.Channel.ID) + "/" + shortHash(source(eventSource)+" "+m.ID()) + extension(m.Media.MIMEType)
}

// maxSegment is the length of the longest channel id that is used unchanged.
const maxSegment = 64

// channelSegment returns a channel id as a segment of a path. An id that is too long
// or has other characters than those of a GUID or number becomes a tilde and a hash.
// No id becomes a hyphen.
func channelSegment(id string) string {
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	switch {
	case id == "":
		return none
	case id == none, len(id) > maxSegment, strings.Trim(id, plain) != "":
		return "~" + shortHash(id)
	default:
		return id
	}
}

// shortHash returns the first digits of the SHA-256 hash of a text. With 128 bits,
// the chance that any two of a trillion texts have the same hash is about 10⁻¹⁵.
func shortHash(text string) string {
	hash := sha256.Sum256([]byte(text))
	return hex.EncodeToString(hash[:])[:hashDigits]
}

// extensions are the file name extensions of the media types that WhatsApp supports,
// https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#supported-media-types,
// and of a few more that are common. Package mime is not used because its list
// depends on the machine.
var extensions = map[string]string{
	"audio/aac":                     ".aac",
	"audio/amr":                     ".amr",
	"audio/mp4":                     ".m4a",
	"audio/mpeg":                    ".mp3",
	"audio/ogg":                     ".ogg",
	"application/msword":            ".doc",
	"application/pdf":               ".pdf",
	"application/vnd.ms-excel":      ".xls",
	"application/vnd.ms-powerpoint": ".ppt",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         ".xlsx",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   ".docx",
	"application/zip": ".zip",
	"image/gif":       ".gif",
	"image/jpeg":      ".jpg",
	"image/png":       ".png",
	"image/webp":      ".webp",
	"text/csv":        ".csv",
	"text/plain":      ".txt",
	"video/3gpp":      ".3gp",
	"video/mp4":       ".mp4",
	"video/quicktime": ".mov",
}

// extension returns the file name extension of a media type, whose parameters it
// ignores, or "" if the type is not in the list.
func extension(mediaType string) string {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	return extensions[strings.ToLower(strings.TrimSpace(mediaType))]
}
