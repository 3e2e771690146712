package bridge

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"whatsapp-functions/devhost/dotnet"
)

// content is an output's value after base64 is decoded.
type content struct {
	value   dotnet.Value
	bytes   []byte
	isBytes bool
}

// newContent decodes every string that could be base64, also "test" and "".
// dataType binary turns that off, not on (HttpScriptInvocationResultExtensions.cs).
func newContent(value dotnet.Value, dataType string) content {
	if value.Kind == dotnet.KindString && dataType != "binary" {
		if decoded, ok := dotnet.DecodeBase64(value.Text); ok {
			return content{bytes: decoded, isBytes: true}
		}
	}
	return content{value: value}
}

// items returns the queue messages or rows that the value holds.
func (c content) items() ([][]byte, error) {
	if c.isBytes {
		return [][]byte{c.bytes}, nil
	}
	value := c.value
	if value.Kind == dotnet.KindString && looksLikeJSON(value.Text) {
		parsed, err := dotnet.Read([]byte(value.Text), dotnet.Options{Dates: true})
		if err != nil {
			return nil, fmt.Errorf("the host reads a string in brackets as JSON, and this is not JSON: %w", err)
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

// blob returns the content of a blob. Numbers and booleans become their bytes in
// memory.
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
			return nil, errors.New("the host writes an integer to a blob as four bytes, and this one needs more")
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
		return nil, errors.New("the host takes the string for a date, which can't be written to a blob: send base64")
	}
}
