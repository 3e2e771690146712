package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// event is the CloudEvent in a queue message. Unknown fields are ignored: a
// version may gain some.
type event struct {
	Type    string         `json:"type"`
	Source  string         `json:"source"`
	ID      string         `json:"id"`
	Subject string         `json:"subject"`
	Data    jsontext.Value `json:"data"`
}

// decode reads JSON that contains what a provider sent: a field may be there
// twice (the last one counts), and half a surrogate pair becomes U+FFFD.
func decode(text []byte, to any) error {
	return json.Unmarshal(text, to, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// parse reads the text of a queue message, which is base64 because the Functions
// host writes it so.
func parse(text string, eventTypes []string) (e event, err error) {
	content, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return e, err
	}
	if err := decode(content, &e); err != nil {
		return e, err
	}
	switch {
	case !slices.Contains(eventTypes, e.Type):
		return e, fmt.Errorf("the type is %q, want %s", e.Type, strings.Join(eventTypes, " or "))
	case e.Source == "" || e.ID == "":
		return e, errors.New("no source or no id: it cannot be deduplicated")
	}
	return e, nil
}

// key identifies the event: a redelivery has the same source and id. It is
// valid as a table key.
func (e event) key() string {
	hash := sha256.Sum256([]byte(e.Source + "\n" + e.ID))
	return hex.EncodeToString(hash[:])
}
