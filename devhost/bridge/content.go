// Package binding is what the Functions host does with an output: it turns a
// value of the handler's answer into queue messages, rows or a blob, by rules
// that are easily walked into, and writes them.
//
// The rules are those of FunctionBinding.cs and
// HttpScriptInvocationResultExtensions.cs in azure-functions-host and of the
// storage and tables extensions in azure-sdk-for-net.
package bridge

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"whatsapp-functions/devhost/dotnet"
)

// content is an output's value once the host has looked for base64.
type content struct {
	value   dotnet.Value
	bytes   []byte
	isBytes bool
}

// newContent looks for base64: any text that could be base64 is taken for it,
// also "test" and "". dataType binary turns that off, not on.
func newContent(value dotnet.Value, dataType string) content {
	if value.Kind == dotnet.KindString && dataType != "binary" {
		if decoded, ok := decodeBase64(value.Text); ok {
			return content{bytes: decoded, isBytes: true}
		}
	}
	return content{value: value}
}

// decodeBase64 decodes as .NET does: white space does not count.
func decodeBase64(text string) ([]byte, bool) {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, text)
	decoded, err := base64.StdEncoding.DecodeString(text)
	return decoded, err == nil
}

// items are the texts that a queue gets a message each of, and a table a row.
func (c content) items() ([][]byte, error) {
	if c.isBytes {
		return [][]byte{c.bytes}, nil
	}
	value := c.value
	if value.Kind == dotnet.KindString && looksLikeJSON(value.Text) {
		parsed, err := dotnet.Read([]byte(value.Text), dotnet.Options{Dates: true})
		if err != nil {
			return nil, fmt.Errorf("the text is in brackets, so the host reads it as JSON, which it is not: %w", err)
		}
		value = parsed
	}
	if value.Kind != dotnet.KindArray {
		return [][]byte{[]byte(value.String())}, nil
	}
	items := make([][]byte, len(value.Items))
	for i, item := range value.Items {
		items[i] = []byte(item.String())
	}
	return items, nil
}

func looksLikeJSON(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}") ||
		strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]")
}

// blob is the content of a blob. Numbers and truth values become what they are
// in memory.
func (c content) blob() ([]byte, error) {
	if c.isBytes {
		return c.bytes, nil
	}
	switch v := c.value; v.Kind {
	case dotnet.KindString:
		return []byte(v.Text), nil
	case dotnet.KindArray, dotnet.KindObject:
		return []byte(v.Compact()), nil
	case dotnet.KindInteger:
		number, err := strconv.ParseInt(v.Text, 10, 32)
		if err != nil {
			return nil, errors.New("a blob takes a whole number as four bytes, and this one needs more")
		}
		return binary.LittleEndian.AppendUint32(nil, uint32(number)), nil
	case dotnet.KindFloat:
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(v.Float)), nil
	case dotnet.KindBool:
		if v.Bool {
			return []byte{1}, nil
		}
		return []byte{0}, nil
	default:
		return nil, errors.New("the host takes the text for a date, which a blob can't be: send base64")
	}
}
