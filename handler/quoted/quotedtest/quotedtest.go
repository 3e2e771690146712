// Package quotedtest reads back what package quoted has written.
package quotedtest

import (
	"encoding/json/jsontext"
	"testing"

	"whatsapp-functions/handler/quoted"
)

// Unquote is what one string says that was written to a text.
func Unquote(t *testing.T, text *quoted.Text) []byte {
	t.Helper()
	said, err := jsontext.AppendUnquote(nil, `"`+string(text.Bytes())+`"`)
	if err != nil {
		t.Fatal(err)
	}
	return said
}
