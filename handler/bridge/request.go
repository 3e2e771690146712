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

// invocation is the body of a request.
type invocation struct {
	// Data holds the value of each input binding. Metadata repeats it, among
	// other values; it is checked to be JSON and ignored.
	Data inputs `json:"Data"`
}

type inputs map[string]jsontext.Value

// UnmarshalJSONFrom implements [json.UnmarshalerFrom]. If Data is repeated, the
// last one wins.
func (i *inputs) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	*i = nil
	return json.UnmarshalDecode(from, (*map[string]jsontext.Value)(i))
}

// triggerValue returns the value of the trigger in a body.
func triggerValue(body []byte, trigger string) (jsontext.Value, error) {
	var request invocation
	err := json.Unmarshal(body, &request, lenient.Options())
	if at, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return nil, fmt.Errorf("%w at byte %d", errNotJSON, at.ByteOffset)
	}
	// Any other error means that the body, or Data, is not an object.
	value, ok := request.Data[trigger]
	if err != nil || !ok {
		return nil, errNoTrigger
	}
	return value, nil
}
