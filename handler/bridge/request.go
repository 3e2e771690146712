package bridge

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"net/http"

	"whatsapp-functions/handler/lenient"
)

// The errors of a request's body. The host sends none of these, but a connection
// may break.
var (
	errTooLarge   = errors.New("body too large")
	errUnreadable = errors.New("body could not be read to its end")
	errNotJSON    = errors.New("body is not JSON")
	errNoTrigger  = errors.New("body has no value for the trigger")
)

// readBody reads a body of at most limit bytes. Only func start sends
// Content-Length.
func readBody(w http.ResponseWriter, r *http.Request, limit int64, scratch *scratch) ([]byte, error) {
	scratch.body.Reset()
	_, err := scratch.body.ReadFrom(http.MaxBytesReader(w, r.Body, limit))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, errUnreadable
	}
	return lenient.Clean(scratch.body.Bytes()), nil
}

// invocation is the body of a request:
//
//	{"Data":{"<trigger>":…},"Metadata":{…}}
//
// Metadata repeats Data, among other values.
type invocation struct {
	Data input `json:"Data"`
}

// input is the value of the binding called name.
type input struct {
	name  string
	value []byte
	found bool
}

// UnmarshalJSONFrom implements [json.UnmarshalerFrom]. Of a repeated name, Data
// included, the last one wins.
func (i *input) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	i.found = false
	if from.PeekKind() != jsontext.KindBeginObject {
		return from.SkipValue()
	}
	for token, err := from.ReadToken(); ; token, err = from.ReadToken() {
		switch {
		case err != nil:
			return err
		case token.Kind() == jsontext.KindEndObject:
			return nil
		case token.Kind() != jsontext.KindString: // the start of Data
			continue
		}
		isTrigger := token.String() == i.name
		value, err := from.ReadValue()
		if err != nil {
			return err
		}
		if isTrigger {
			i.value, i.found = append(i.value[:0], value...), true
		}
	}
}

// triggerValue returns the value of the trigger in a body, all of which must be
// JSON: a body that was cut off is an error.
func triggerValue(body []byte, trigger string, scratch *scratch) (jsontext.Value, error) {
	request := invocation{Data: input{name: trigger, value: scratch.value}}
	err := json.Unmarshal(body, &request, lenient.Options())
	scratch.value = request.Data.value
	if at, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return nil, fmt.Errorf("%w at byte %d", errNotJSON, at.ByteOffset)
	}
	if err != nil || !request.Data.found { // an error means that the body is not an object
		return nil, errNoTrigger
	}
	return request.Data.value, nil
}
