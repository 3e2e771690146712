package bridge

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"
	"net/http"

	"whatsapp-functions/handler/lenient"
)

// What can be wrong with a request. The host makes no such mistakes; a
// connection that breaks does.
var (
	errTooLarge   = errors.New("the body is over the limit")
	errUnreadable = errors.New("the body could not be read to its end")
	errNoJSON     = errors.New("the body is not JSON")
	errNoTrigger  = errors.New("the body has no value for the trigger")
)

// read reads a body of at most limit bytes. How long it will be the host tells
// only under func start.
func (m *memory) read(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	m.body.Reset()
	_, err := m.body.ReadFrom(http.MaxBytesReader(w, r.Body, limit))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, errUnreadable
	}
	return lenient.Clean(m.body.Bytes()), nil
}

// triggerValue finds the trigger's value in an invocation's body,
//
//	{"Data":{"<trigger>":…},"Metadata":{…}}
//
// and makes sure that the rest is JSON too: a body cut short is an error. The
// value is a part of the body.
func (m *memory) triggerValue(body []byte, trigger string) (jsontext.Value, error) {
	decoder := &m.decoder
	m.source = *bytes.NewBuffer(body) // of a buffer, the decoder's values are parts
	decoder.Reset(&m.source, lenient.Options())
	value, err := member(decoder, memberData, func() (jsontext.Value, error) {
		return member(decoder, trigger, decoder.ReadValue)
	})
	if err == nil {
		_, err = decoder.ReadToken()
		if errors.Is(err, io.EOF) {
			err = nil
		} else if err == nil {
			err = errNoJSON
		}
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w at byte %d", errNoJSON, decoder.InputOffset())
	case value == nil:
		return nil, errNoTrigger
	default:
		return value, nil
	}
}

// member reads the next value of the decoder. If that is an object, it calls
// read when the decoder is at the member called name; the last of several wins.
func member(decoder *jsontext.Decoder, name string, read func() (jsontext.Value, error)) (found jsontext.Value, err error) {
	if decoder.PeekKind() != jsontext.KindBeginObject {
		return nil, decoder.SkipValue()
	}
	if _, err := decoder.ReadToken(); err != nil {
		return nil, err
	}
	for decoder.PeekKind() == jsontext.KindString {
		key, err := decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		if key.String() == name {
			found, err = read()
		} else {
			err = decoder.SkipValue()
		}
		if err != nil {
			return nil, err
		}
	}
	_, err = decoder.ReadToken()
	return found, err
}
