package bridge

import (
	"encoding/base64"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"whatsapp-functions/devhost/dotnet"
)

// HTTPRequest is a request to an HTTP trigger, as the host passes it on
// (HttpRequestExtensions.cs).
type HTTPRequest struct {
	// Value is the trigger's value: Url, Method, Query, Headers, Params,
	// Identities and, if there is one, Body.
	Value dotnet.Value
	// BindingData are the fields of Metadata, without sys: the fields of the
	// body, the query, the route's parameters, Query and Headers.
	BindingData []dotnet.Field
}

// NewHTTPRequest returns a request with its body, the parameters of its route and
// the caller's key. A body without a Content-Length is lost.
func NewHTTPRequest(r *http.Request, body []byte, parameters []dotnet.Field, caller KeyIdentity) *HTTPRequest {
	joined, last := query(r.URL.RawQuery)
	lists, headers := requestHeaders(r)
	fields := []dotnet.Field{
		{Name: "Url", Value: dotnet.NewString("http://" + r.Host + r.RequestURI)},
		{Name: "Method", Value: dotnet.NewString(r.Method)},
		{Name: "Query", Value: dotnet.NewObject(joined...)},
		{Name: "Headers", Value: dotnet.NewObject(lists...)},
		{Name: "Params", Value: dotnet.NewObject(parameters...)},
		{Name: "Identities", Value: dotnet.NewArray(caller.value())},
	}
	var data []dotnet.Field
	if r.ContentLength > 0 {
		text := strings.TrimPrefix(dotnet.DecodeUTF8(body), "\uFEFF")
		data = bodyData(text)
		if isBinary(r.Header.Get("Content-Type")) {
			text = base64.StdEncoding.EncodeToString(body)
		}
		fields = append(fields, dotnet.Field{Name: "Body", Value: dotnet.NewString(text)})
	}
	for _, parameter := range last {
		if !strings.EqualFold(parameter.Name, "code") {
			data = setFold(data, parameter)
		}
	}
	for _, parameter := range parameters {
		data = setFold(data, parameter)
	}
	data = setFold(data, dotnet.Field{Name: "Query", Value: dotnet.NewObject(last...)})
	data = setFold(data, dotnet.Field{Name: "Headers", Value: dotnet.NewObject(headers...)})
	return &HTTPRequest{Value: dotnet.NewObject(fields...), BindingData: data}
}

// isBinary reports whether the host encodes a body in base64.
func isBinary(contentType string) bool {
	mediaType, _, _ := mime.ParseMediaType(contentType)
	return mediaType == "application/octet-stream" || strings.HasPrefix(mediaType, "multipart/")
}

// bodyData returns the fields of a JSON object that are scalars, as strings, or
// objects (Utility.cs, ApplyBindingData).
func bodyData(text string) (data []dotnet.Field) {
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return nil
	}
	body, err := dotnet.Read([]byte(text), dotnet.Options{Dates: true})
	if err != nil {
		return nil
	}
	for _, field := range body.Fields {
		switch field.Value.Kind {
		case dotnet.KindNull, dotnet.KindUndefined, dotnet.KindArray:
			continue
		case dotnet.KindObject:
		default:
			field.Value = dotnet.NewString(field.Value.String())
		}
		data = setFold(data, field)
	}
	return data
}

// setFold sets a field. Its name matches in any case.
func setFold(fields []dotnet.Field, field dotnet.Field) []dotnet.Field {
	if i := slices.IndexFunc(fields, func(f dotnet.Field) bool { return strings.EqualFold(f.Name, field.Name) }); i >= 0 {
		fields[i].Value = field.Value
		return fields
	}
	return append(fields, field)
}

// query returns the parameters of a query: repeated ones joined by a comma, and
// the last of each.
func query(raw string) (joined, last []dotnet.Field) {
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		field := dotnet.Field{Name: unescape(name), Value: dotnet.NewString(unescape(value))}
		last = setFold(last, field)
		if earlier, ok := dotnet.NewObject(joined...).Fold(field.Name); ok {
			field.Value.Text = earlier.Text + "," + field.Value.Text
		}
		joined = setFold(joined, field)
	}
	return joined, last
}

// unescape keeps a text with a wrong escape.
func unescape(text string) string {
	if unescaped, err := url.QueryUnescape(text); err == nil {
		text = unescaped
	}
	return dotnet.DecodeUTF8([]byte(text))
}

// knownHeaders come first, in this order and spelling; then Content-Length, then
// all others (HttpHeaders.Generated.cs of ASP.NET Core). Go's server does not
// keep the order and the spelling of the others.
var knownHeaders = []string{
	"Accept", "Connection", "Host", "User-Agent", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Access-Control-Request-Headers",
	"Access-Control-Request-Method", "Authorization", "baggage", "Cache-Control", "Content-Type", "Cookie", "Correlation-Context", "Date",
	"Expect", "From", "Grpc-Accept-Encoding", "Grpc-Encoding", "Grpc-Timeout", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
	"If-Unmodified-Since", "Keep-Alive", "Max-Forwards", "Origin", "Pragma", "Proxy-Authorization", "Proxy-Connection", "Range", "Referer",
	"Request-Id", "TE", "traceparent", "tracestate", "Trailer", "Transfer-Encoding", "Translate", "Upgrade", "Upgrade-Insecure-Requests",
	"Via", "Warning", "Content-Length",
}

// requestHeaders returns the headers with their values as lists, and as strings.
func requestHeaders(r *http.Request) (lists, texts []dotnet.Field) {
	all := r.Header.Clone()
	all["Host"] = []string{r.Host}
	if len(r.TransferEncoding) > 0 {
		all["Transfer-Encoding"] = r.TransferEncoding
	}
	add := func(name string, values []string) {
		var list []dotnet.Value
		for i := range values {
			list = append(list, dotnet.NewString(dotnet.DecodeUTF8([]byte(values[i]))))
		}
		lists = append(lists, dotnet.Field{Name: name, Value: dotnet.NewArray(list...)})
		texts = append(texts, dotnet.Field{Name: name, Value: dotnet.NewString(dotnet.DecodeUTF8([]byte(strings.Join(values, ","))))})
	}
	for _, name := range knownHeaders {
		key := http.CanonicalHeaderKey(name)
		if values, ok := all[key]; ok {
			add(name, values)
			delete(all, key)
		}
	}
	others := make([]string, 0, len(all))
	for name := range all {
		others = append(others, name)
	}
	slices.Sort(others)
	for _, name := range others {
		add(name, all[name])
	}
	return lists, texts
}
