package bridge

import (
	"encoding/base64"
	"encoding/json/jsontext"
	"mime"
	"strconv"
	"strings"

	"whatsapp-functions/handler/lenient"
)

// Request is the HTTP request that called a function with an [HTTPTrigger].
type Request struct {
	Method string
	// Body is the body, byte for byte. The host changes only a body that starts
	// with a byte order mark or is not UTF-8, unless its content type is binary.
	Body []byte
	// HasBody is false if the body is empty, and also if the request had no
	// Content-Length: the host does not pass such a body on.
	HasBody bool

	query, headers lenient.Fields
}

// Query returns a parameter of the query. Repeated parameters are joined by commas.
func (r *Request) Query(name string) string { return r.query.Get(name).Text() }

// HasQuery reports whether there is a query.
func (r *Request) HasQuery() bool { return r.query.Len() > 0 }

// Header returns the first value of a header, whose name may be in any case.
func (r *Request) Header(name string) string {
	for value := range r.headers.Get(name).Elements() {
		return value.Text()
	}
	return ""
}

// Response is the answer to an HTTP request: a status and a text.
type Response struct {
	Status int
	Body   string
	// Reason is a word for the log: why the request was refused. It is "" if it
	// was not.
	Reason string
	// Secret is for the log: the position of the secret, among several, that the
	// sender used. It is 0 if it is the only one.
	Secret int
	// Warn makes the completion line in the log a warning.
	Warn bool
}

// readRequest reads the value of an [HTTPTrigger]
// (HttpRequestExtensions.GetRequestAsJObject in the host):
//
//	{"Url":"…","Method":"POST","Query":{"a":"1,2"},"Headers":{"Host":["…"]},"Params":{},"Identities":[…],"Body":"…"}
func readRequest(value jsontext.Value, scratch *scratch) *Request {
	fields := lenient.Value(value).Fields()
	body := fields.Get("Body")
	r := &Request{
		Method:  strings.ToUpper(fields.Get("Method").Text()),
		HasBody: body.Kind() == jsontext.KindString,
		query:   queryOf(fields.Get("Query")),
		headers: fields.Get("Headers").Fields(),
	}
	if r.HasBody {
		scratch.text = lenient.AppendUnquoted(scratch.text[:0], body)
		r.Body = scratch.text
	}
	if r.isBinary() {
		if decoded, err := base64.StdEncoding.AppendDecode(nil, r.Body); err == nil {
			r.Body = decoded
		}
	}
	return r
}

// queryOf returns the parameters of a query. Older hosts pass it on as JSON in a string.
func queryOf(query lenient.Value) lenient.Fields {
	if query.Kind() == jsontext.KindString {
		if parsed, err := lenient.Parse(lenient.Clean([]byte(query.Text()))); err == nil {
			query = parsed
		}
	}
	return query.Fields()
}

// isBinary reports whether the host passes the body on in base64.
func (r *Request) isBinary() bool {
	mediaType, _, _ := mime.ParseMediaType(r.Header("Content-Type"))
	return mediaType == "application/octet-stream" || strings.HasPrefix(mediaType, "multipart/")
}

// appendResponse appends the value of an http output:
//
//	{"statusCode":200,"body":"…"}
//
// The host sends a body as text/plain unless the value has headers. If the value has
// no body, the host sends an empty one.
func appendResponse(to []byte, r Response) []byte {
	to = strconv.AppendInt(append(to, `{"statusCode":`...), int64(r.Status), 10)
	if r.Body == "" {
		return append(to, '}')
	}
	return append(appendQuote(append(to, `,"body":`...), r.Body), '}')
}
