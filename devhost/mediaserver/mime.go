package mediaserver

import (
	"mime"
	"net/http"
	"path/filepath"
	"strings"
)

// sniffed is the number of bytes that [http.DetectContentType] looks at.
const sniffed = 512

// types are the MIME types of files that WhatsApp sends, by extension. The first
// bytes do not identify them all, and package mime depends on the machine.
var types = map[string]string{
	".3gp":  "video/3gpp",
	".aac":  "audio/aac",
	".amr":  "audio/amr",
	".csv":  "text/csv",
	".doc":  "application/msword",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".jpeg": "image/jpeg",
	".jpg":  "image/jpeg",
	".m4a":  "audio/mp4",
	".mp3":  "audio/mpeg",
	".mp4":  "video/mp4",
	".ogg":  "audio/ogg; codecs=opus",
	".opus": "audio/ogg; codecs=opus",
	".pdf":  "application/pdf",
	".png":  "image/png",
	".ppt":  "application/vnd.ms-powerpoint",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".txt":  "text/plain",
	".webp": "image/webp",
	".xls":  "application/vnd.ms-excel",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// detectType returns the MIME type of a file: by the extension of its name,
// otherwise the declared one, otherwise by its first bytes.
func detectType(fileName, declared string, first []byte) string {
	if known, ok := types[strings.ToLower(filepath.Ext(fileName))]; ok {
		return known
	}
	if declared != "" && declared != "application/octet-stream" {
		return declared
	}
	detected := http.DetectContentType(first)
	if kind, _, err := mime.ParseMediaType(detected); err == nil {
		return kind // without charset, which WhatsApp does not send
	}
	return detected
}
