package meta

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"whatsapp-functions/media/request"
)

const hash = "49f227634806293b0995459bc310b593e1400f41591efcf07e9bced335f41942"

func TestDecodeLocation(t *testing.T) {
	const url = `"url":"https:\/\/lookaside.fbsbx.com\/whatsapp_business\/attachments\/?mid=1&hash=x"`
	for name, test := range map[string]struct{ text, want string }{
		"whole":             {`{` + url + `,"mime_type":"image\/jpeg","sha256":"` + hash + `","file_size":49664,"id":"1","messaging_product":"whatsapp"}`, "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&hash=x image/jpeg 49f2 49664"},
		"size as a string":  {`{` + url + `,"file_size":"49664"}`, "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&hash=x   49664"},
		"URL only":          {`{` + url + `}`, "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&hash=x   -1"},
		"negative size":     {`{` + url + `,"file_size":-5}`, "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&hash=x   -1"},
		"hash not in hex":   {`{` + url + `,"sha256":"SfInY0gGKTs="}`, "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&hash=x   -1"},
		"no URL":            {`{"mime_type":"image/jpeg"}`, "the answer of Meta for a media id has no URL"},
		"URL without host":  {`{"url":"/secret"}`, "the answer of Meta for a media id has no URL"},
		"URL not parseable": {`{"url":"https://a b/secret"}`, "the answer of Meta for a media id has no URL"},
		"URL is a number":   {`{"url":1}`, "the answer of Meta for a media id has no URL"},
		"HTML":              {`<html>secret`, "the answer of Meta for a media id: not JSON at byte 0"},
		"nothing":           {``, "the answer of Meta for a media id: not JSON at byte 0"},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := decodeLocation([]byte(test.text))
			got := fmt.Sprint(err)
			if err == nil {
				got = fmt.Sprintf("%s %s %.4s %d", found.url, found.mimeType, found.sha256, found.size)
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestGraphError(t *testing.T) {
	const body = `{"error":{"message":"secret","type":"OAuthException","code":%s,"fbtrace_id":"A"}}`
	for name, test := range map[string]struct {
		status int
		text   string
		want   string
	}{
		"expired token":            {401, fmt.Sprintf(body, `190,"error_subcode":463`), "forbidden: Meta refuses the access token (code 190). 401"},
		"expired token, 400":       {400, fmt.Sprintf(body, `190`), "forbidden: Meta refuses the access token (code 190). 400"},
		"code as a string":         {400, fmt.Sprintf(body, `"190"`), "forbidden: Meta refuses the access token (code 190). 400"},
		"missing permission":       {403, fmt.Sprintf(body, `200`), "forbidden: The access token lacks a permission (code 200). 403"},
		"permission denied":        {400, fmt.Sprintf(body, `10`), "forbidden: The access token lacks a permission (code 10). 400"},
		"id of the past":           {400, fmt.Sprintf(body, `100,"error_subcode":33`), "gone: Meta no longer has the file, or the access token may not read it (code 100). 400"},
		"rate limit with 400":      {400, fmt.Sprintf(body, `4`), "error 400 4"},
		"rate limit with 403":      {403, fmt.Sprintf(body, `80007`), "error 403 80007"},
		"transient":                {400, fmt.Sprintf(body, `100,"error_subcode":33,"is_transient":true`), "error 400 100"},
		"an interruption":          {500, fmt.Sprintf(body, `2`), "error 500 2"},
		"a parameter":              {400, fmt.Sprintf(body, `100`), "error 400 100"},
		"a version of the past":    {400, fmt.Sprintf(body, `2635`), "error 400 2635"},
		"unknown code, 404":        {404, fmt.Sprintf(body, `99999`), "gone: The provider no longer has the file. 404"},
		"unknown code, 401":        {401, fmt.Sprintf(body, `99999`), "forbidden: The provider refuses this app's token or key. 401"},
		"no code, 403":             {403, `{"error":{}}`, "forbidden: The provider refuses this app's token or key. 403"},
		"HTML, 404":                {404, `<html>`, "gone: The provider no longer has the file. 404"},
		"HTML, 502":                {502, `<html>`, "error 502"},
		"nothing, 400":             {400, ``, "error 400"},
		"error is a string, 401":   {401, `{"error":"secret"}`, "forbidden: The provider refuses this app's token or key. 401"},
		"an array instead, 429":    {429, `[]`, "error 429"},
		"an error with status 204": {204, fmt.Sprintf(body, `99999`), "error 204 99999"},
	} {
		t.Run(name, func(t *testing.T) {
			response := &http.Response{StatusCode: test.status, Request: httptest.NewRequest(http.MethodGet, "https://graph.facebook.com/secret", nil)}
			err := graphError(response, []byte(test.text))
			got := fmt.Sprint(err)
			if failure, ok := errors.AsType[*request.Failure](err); ok {
				got += fmt.Sprint(" ", failure.Status)
			} else if err != nil {
				for _, replaced := range [][2]string{{"the answer of Meta has status ", "error "}, {"host graph.facebook.com: status ", "error "}, {" and the error code ", " "}} {
					got = strings.Replace(got, replaced[0], replaced[1], 1)
				}
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// A location has a URL exactly when there is no error, and errors quote nothing.
func FuzzDecodeLocation(f *testing.F) {
	f.Add([]byte(`{"url":"https://lookaside.fbsbx.com/1","mime_type":"image/jpeg","sha256":"` + hash + `","file_size":1}`))
	f.Add([]byte(`{"url":"https://14255550123 /1"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		found, err := decodeLocation(text)
		if (found.url == nil) != (err != nil) || err != nil && found != (location{}) && found.size != -1 {
			t.Fatalf("got %v, %v", found, err)
		}
		if err != nil && strings.Contains(err.Error(), "14255550123") {
			t.Error(err)
		}
		if err == nil && (found.size < -1 || len(found.sha256) != 0 && len(found.sha256) != 64) {
			t.Errorf("got %+v", found)
		}
	})
}

// Every answer that is not 200 is an error, of one kind only, and the error quotes
// nothing of it.
func FuzzGraphError(f *testing.F) {
	f.Add(400, []byte(`{"error":{"message":"14255550123","code":190,"is_transient":false}}`))
	f.Add(503, []byte(`14255550123`))
	f.Fuzz(func(t *testing.T, status int, text []byte) {
		if status == http.StatusOK {
			return
		}
		response := &http.Response{StatusCode: status, Request: httptest.NewRequest(http.MethodGet, "https://graph.facebook.com/", nil)}
		err := graphError(response, text)
		if err == nil || strings.Contains(strings.ReplaceAll(err.Error(), "code 14255550123", ""), "14255550123") {
			t.Errorf("got %v", err)
		}
		if failure, ok := errors.AsType[*request.Failure](err); ok && (failure.Status != status || !strings.HasSuffix(failure.Detail, ".")) {
			t.Errorf("got %+v", failure)
		}
	})
}
