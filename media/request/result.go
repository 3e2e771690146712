package request

import (
	"time"

	"whatsapp-functions/handler/quoted"
)

// Stored is the content of a blob.
type Stored struct {
	Container string
	Size      int64
	// SHA256 is in lower-case hexadecimal digits.
	SHA256   string
	MIMEType string
	// Modified is when the blob was written.
	Modified time.Time
}

// resultLimit is the size in bytes of the text of a queue message: 64 KiB when the
// host has encoded it in base64.
const resultLimit = 48 << 10

// timeLayout is that of all times that this repository writes.
const timeLayout = "2006-01-02T15:04:05.0000000Z"

// WriteStored writes the result that the file is stored. It depends on the request
// and the blob only, so a repeated request has the same result.
func (r *Request) WriteStored(to *quoted.Text, s Stored) {
	r.write(to, TypeStored, r.ID+":stored", s.Modified.UTC().Format(timeLayout), func() {
		to.String("container", s.Container)
		to.String("blob", r.Blob)
		to.Int("size", int(s.Size))
		to.String("sha256", s.SHA256)
		to.String("mimeType", s.MIMEType)
	})
}

// WriteFailed writes the result that the file can't be stored. Its time is that of
// the request.
func (r *Request) WriteFailed(to *quoted.Text, f *Failure) {
	r.write(to, TypeFailed, r.ID+":failed", r.Time, func() {
		to.String("blob", r.Blob)
		to.String("reason", string(f.Reason))
		to.String("detail", f.Detail)
		if f.Status != 0 {
			to.Int("status", f.Status)
		}
	})
}

// write writes a result. The file name is left out if the result would be too large
// for a queue.
func (r *Request) write(to *quoted.Text, kind, id, at string, rest func()) {
	start, fileName := to.Len(), r.Media.FileName
	for {
		to.Begin()
		to.String("specversion", "1.0")
		to.String("type", kind)
		to.String("id", id)
		to.String("source", r.Source)
		to.String("subject", r.Subject)
		to.String("time", at)
		to.String("datacontenttype", "application/json")
		to.Object("data", func() {
			to.String("eventId", r.EventID)
			to.String("messageId", r.MessageID)
			to.Object("channel", func() {
				to.String("type", r.Channel.Type)
				to.String("id", r.Channel.ID)
			})
			to.Object("media", func() {
				to.String("id", r.Media.ID)
				to.String("fileName", fileName)
			})
			rest()
		})
		to.End()
		if fileName == "" || to.Size(start) <= resultLimit {
			return
		}
		to.Truncate(start)
		fileName = ""
	}
}
