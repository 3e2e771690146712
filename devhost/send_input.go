package main

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"whatsapp-functions/devhost/whatsapp"
)

// standardInput is the name of a file that means standard input.
const standardInput = "-"

// readInput reads a file of events. Several JSON values, such as one on each line,
// become one array.
func readInput(stdin io.Reader, name string) ([]byte, error) {
	if name == standardInput {
		content, err := io.ReadAll(stdin)
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return joined(content), nil
	}
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(name, "./\\") {
		return nil, fmt.Errorf("%w: to send it as a text, write --text '%s'", err, name)
	}
	return joined(content), err
}

// joined returns several JSON values as one array, and anything else unchanged.
func joined(content []byte) []byte {
	var values []jsontext.Value
	decoder := jsontext.NewDecoder(bytes.NewReader(content), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for {
		value, err := decoder.ReadValue()
		if err == io.EOF {
			break
		}
		if err != nil {
			return content // the service says what is wrong
		}
		values = append(values, value.Clone())
	}
	if len(values) < 2 {
		return content
	}
	var array bytes.Buffer
	for i, value := range values {
		if value.Kind() == jsontext.KindBeginArray {
			value = bytes.TrimSpace(value[1 : len(value)-1])
		}
		if i > 0 && len(value) > 0 && array.Len() > 0 {
			array.WriteByte(',')
		}
		array.Write(value)
	}
	return []byte("[" + array.String() + "]")
}

var (
	phoneNumber = regexp.MustCompile(`^\+?[0-9]{7,15}$`)
	errorCode   = regexp.MustCompile(`^[0-9]{1,7}$`)
)

// checkValues refuses values that no event can have: they are typing mistakes.
func (o sendOptions) checkValues() error {
	switch {
	case o.person.Phone != "" && !phoneNumber.MatchString(o.person.Phone):
		hint := ""
		if strings.Contains(o.person.Phone, ".") {
			hint = "; for a business-scoped id pass --bsuid"
		}
		return fmt.Errorf("--from %s: write 7 to 15 digits, such as %s%s", o.person.Phone, whatsapp.Phone, hint)
	case o.status.Code != "" && !errorCode.MatchString(o.status.Code):
		return fmt.Errorf("--code %s: write a number, such as 131047", o.status.Code)
	case o.count < 1 || o.count > maxCount:
		return fmt.Errorf("--count %d: write a number from 1 to %d", o.count, maxCount)
	case o.count > 1 && o.messageID != "":
		return errors.New("--count sends several messages, and --message-id is the id of one")
	case o.count > 1 && o.status.Status != "":
		return errors.New("--count is for messages: a status belongs to one message")
	default:
		return nil
	}
}

// maxCount is the largest --count.
const maxCount = 10_000
