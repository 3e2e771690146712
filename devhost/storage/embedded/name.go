package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// nameLimit leaves room below the 255 bytes that file systems allow.
const nameLimit = 180

// fileName makes a file's name of any text. Letters, digits and what is
// harmless stay readable, the rest becomes a percent sign and two hexadecimal
// digits a byte; a long text is cut and gets a hash of the whole.
func fileName(text string) string {
	var name strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9',
			strings.IndexByte("-_~@+,= ", c) >= 0,
			c == '.' && i > 0 && i < len(text)-1:
			name.WriteByte(c)
		default:
			fmt.Fprintf(&name, "%%%02X", c)
		}
	}
	if name.Len() <= nameLimit {
		return name.String()
	}
	hash := sha256.Sum256([]byte(text))
	return name.String()[:nameLimit-33] + "-" + hex.EncodeToString(hash[:16])
}
