package simulator

import (
	"cmp"
	"errors"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"whatsapp-functions/devhost/mediaserver"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/whatsapp"
)

// uploadMedia stores the body as a file, which a message can refer to by its media
// id:
//
//	POST /simulator/media?name=photo.jpg
//
// The name and Content-Type may be missing. The answer is a [mediaserver.File]:
//
//	{"id":"1...","mimeType":"image/jpeg","sha256":"<base64>","sha256Hex":"...","size":12345,"fileName":"photo.jpg"}
//
// A file over [mediaserver.MaxSize] is refused with 413. The id is expired after
// DELETE /simulator/media/{id}.
func (s *Simulator) uploadMedia(w http.ResponseWriter, r *http.Request) {
	query(func(r *http.Request) (any, error) {
		r.Body = http.MaxBytesReader(w, r.Body, mediaserver.MaxSize+1)
		file, err := s.Media.Upload(r)
		if err != nil {
			return nil, problem{err, mediaserver.UploadStatus(err)}
		}
		return file, nil
	}).ServeHTTP(w, r)
}

// expireMedia removes an uploaded file, so that its media id is expired.
func (s *Simulator) expireMedia(r *http.Request) (any, error) {
	err := s.Media.Store.Remove(r.PathValue("id"))
	if errors.Is(err, mediaserver.ErrNotFound) {
		err = problem{err, http.StatusNotFound}
	}
	return nil, err
}

// describeMedia completes the media of a message that refers to an uploaded file.
func (s *Simulator) describeMedia(m *whatsapp.Message) {
	if m.Media == nil {
		return
	}
	file, err := s.Media.Store.Find(m.Media.ID)
	if err != nil {
		return // the id is expired, or never existed
	}
	described := *m.Media
	described.MimeType, described.SHA256 = cmp.Or(described.MimeType, file.MimeType), cmp.Or(described.SHA256, file.SHA256)
	if m.Kind == "document" {
		described.FileName = cmp.Or(described.FileName, file.FileName)
	}
	m.Media = &described
}

// inline are the types that a browser shows without running anything. SVG and HTML
// can contain scripts.
var inline = []string{"image/jpeg", "image/png", "image/webp", "image/gif", "audio/", "video/"}

func isInline(contentType string) bool {
	for _, start := range inline {
		if strings.HasPrefix(contentType, start) {
			return true
		}
	}
	return false
}

// file answers with the content of a blob, for the page to show:
//
//	GET /simulator/file?container=media&name=<blob>&type=image/jpeg
//
// The type replaces that of the blob, which storage may not have. Images, audio and
// video can be shown; anything else is a download.
func (s *Simulator) file(w http.ResponseWriter, r *http.Request) {
	parameters := r.URL.Query()
	name := parameters.Get("name")
	content, info, err := s.Storage.OpenBlob(r.Context(), parameters.Get("container"), name)
	if err != nil {
		status := http.StatusInternalServerError
		if errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrInvalid) {
			status = http.StatusNotFound
		}
		http.Error(w, err.Error(), status)
		return
	}
	defer content.Close()
	contentType, _, err := mime.ParseMediaType(cmp.Or(parameters.Get("type"), info.ContentType))
	disposition := "inline"
	if err != nil || !isInline(contentType) {
		contentType, disposition = "application/octet-stream", "attachment"
	}
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": path.Base(name)}))
	header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	if seeker, ok := content.(io.ReadSeeker); ok {
		http.ServeContent(w, r, "", time.Time{}, seeker) // players ask for ranges
		return
	}
	header.Set("Content-Length", strconv.FormatInt(info.Size, 10))
	_, _ = io.Copy(w, content)
}
