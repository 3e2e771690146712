package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"

	"whatsapp-functions/devhost/storage"
)

// fileNameLimit leaves room below the 255 bytes that file systems allow.
const fileNameLimit = 180

// fileName turns a key or a part of a blob's name into a file name. Letters,
// digits and harmless characters stay, other bytes become %XX, and nothing is
// %. A long name is cut and gets a hash of the whole.
func fileName(text string) string {
	if text == "" {
		return "%"
	}
	var name strings.Builder
	for i := range len(text) {
		c := text[i]
		inside := i > 0 && i < len(text)-1
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_@+,= ", c) >= 0,
			inside && (c == '.' || c == '~'): // at an end they mark the files of other programs
			name.WriteByte(c)
		default:
			fmt.Fprintf(&name, "%%%02X", c)
		}
	}
	if name.Len() <= fileNameLimit {
		return name.String()
	}
	hash := sha256.Sum256([]byte(text))
	return name.String()[:fileNameLimit-33] + "-" + hex.EncodeToString(hash[:16])
}

// original undoes fileName; a name that was cut stays cut.
func original(name string) string {
	if name == "%" {
		return ""
	}
	if text, err := url.PathUnescape(name); err == nil {
		return text
	}
	return name
}

// isFileName reports whether fileName could return a name.
func isFileName(name string) bool {
	return len(name) == fileNameLimit || fileName(original(name)) == name
}

// nameForms report whether a store of each kind could have a file of a name.
var nameForms = map[storage.Kind]func(name string) bool{
	storage.Queues: messageName.MatchString,
	storage.Tables: func(name string) bool {
		partition, row, ok := strings.Cut(name, "/")
		row, isJSON := strings.CutSuffix(row, ".json")
		return ok && isJSON && isFileName(partition) && isFileName(row)
	},
	storage.Containers: func(name string) bool {
		for part := range strings.SplitSeq(name, "/") {
			if !isFileName(part) {
				return false
			}
		}
		return true
	},
}
