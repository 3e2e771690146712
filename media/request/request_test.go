package request_test

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/quoted"
	"whatsapp-functions/media/request"
)

const hash = "49f227634806293b0995459bc310b593e1400f41591efcf07e9bced335f41942"

// whole is a request with every field.
const whole = `{"specversion":"1.0","type":"conversation.media.requested.v1","id":"wamid.A:media","source":"urn:meta:whatsapp:1001",
"subject":"wamid.A","time":"2026-11-20T09:15:01.0000000Z","datacontenttype":"application/json",
"data":{"eventId":"wamid.A","messageId":"wamid.A","channel":{"type":"whatsapp","id":"106540352242922"},
"media":{"id":"1908647269898587","mimeType":"image/jpeg","sha256":"` + hash + `","fileName":"Résumé \ud83d.jpg"},
"blob":"106540352242922/b206888b1d6c5a161a70ea45add4528b.jpg"}}`

func wholeRequest() *request.Request {
	return &request.Request{
		ID: "wamid.A:media", Source: "urn:meta:whatsapp:1001", Subject: "wamid.A", Time: "2026-11-20T09:15:01.0000000Z",
		EventID: "wamid.A", MessageID: "wamid.A", Channel: request.Channel{Type: "whatsapp", ID: "106540352242922"},
		Media: request.Media{ID: "1908647269898587", MIMEType: "image/jpeg", SHA256: hash, FileName: "Résumé \uFFFD.jpg"},
		Blob:  "106540352242922/b206888b1d6c5a161a70ea45add4528b.jpg",
	}
}

func TestDecode(t *testing.T) {
	got, err := request.Decode(whole)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wholeRequest(), got); diff != "" {
		t.Error(diff)
	}
}

// replaced returns the request with an edit.
func replaced(t *testing.T, from, to string) string {
	t.Helper()
	if !strings.Contains(whole, from) {
		t.Fatalf("the request does not contain %s", from)
	}
	return strings.Replace(whole, from, to, 1)
}

func TestDecodeRefuses(t *testing.T) {
	const blob, id = `106540352242922/b206888b1d6c5a161a70ea45add4528b.jpg`, `"id":"1908647269898587"`
	for name, test := range map[string]struct{ text, want string }{
		"nothing":                     {"", "not JSON at byte 0"},
		"not JSON":                    {"hello", "not JSON at byte 0"},
		"cut off":                     {whole[:200], "not JSON at byte 200"},
		"an array":                    {"[" + whole + "]", "not a JSON object"},
		"a string":                    {`"hello"`, "not a JSON object"},
		"another type":                {replaced(t, "requested.v1", "requested.v2"), "type is not conversation.media.requested.v1"},
		"no id":                       {replaced(t, `"id":"wamid.A:media",`, ``), "no id"},
		"no source":                   {replaced(t, `"source":"urn:meta:whatsapp:1001",`, ``), "no source"},
		"data is a string":            {replaced(t, `"data":{`, `"data":"","other":{`), "no data.media.id"},
		"no media id":                 {replaced(t, id, `"x":1`), "no data.media.id"},
		"media id is an object":       {replaced(t, id, `"id":{}`), "no data.media.id"},
		"media id is another path":    {replaced(t, id, `"id":"../me/accounts"`), "data.media.id has characters that an id can't have"},
		"media id is a parent folder": {replaced(t, id, `"id":".."`), "data.media.id has characters that an id can't have"},
		"media id has a query":        {replaced(t, id, `"id":"1?fields=x"`), "data.media.id has characters that an id can't have"},
		"media id has an escape":      {replaced(t, id, `"id":"1%2f2"`), "data.media.id has characters that an id can't have"},
		"media id has a line break":   {replaced(t, id, `"id":"1\n2"`), "data.media.id has characters that an id can't have"},
		"no blob":                     {replaced(t, `"`+blob+`"`, `null`), "no data.blob"},
		"blob starts with a slash":    {replaced(t, blob, "/"+blob), "data.blob is not a name that a blob can have"},
		"blob is in a parent folder":  {replaced(t, blob, "../"+blob), "data.blob is not a name that a blob can have"},
		"blob has an empty segment":   {replaced(t, blob, "a//b"), "data.blob is not a name that a blob can have"},
		"blob has a backslash":        {replaced(t, blob, `a\\b`), "data.blob is not a name that a blob can have"},
		"blob has a control":          {replaced(t, blob, `a\u0085b`), "data.blob is not a name that a blob can have"},
		"blob is too long":            {replaced(t, blob, strings.Repeat("a", 1025)), "data.blob is not a name that a blob can have"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := request.Decode(test.text)
			if err == nil || err.Error() != "media request: "+test.want {
				t.Errorf("got %v, %v, want %s", got, err, test.want)
			}
		})
	}
}

// What a provider did not send is absent, and odd values of optional fields count as
// absent.
func TestDecodeOptional(t *testing.T) {
	for name, test := range map[string]struct {
		text   string
		change func(r *request.Request)
	}{
		"upper-case hash":         {replaced(t, hash, strings.ToUpper(hash)), func(*request.Request) {}},
		"hash of another length":  {replaced(t, hash, hash[2:]), func(r *request.Request) { r.Media.SHA256 = "" }},
		"no file name":            {replaced(t, `,"fileName":"Résumé \ud83d.jpg"`, ""), func(r *request.Request) { r.Media.FileName = "" }},
		"number as media id":      {replaced(t, `"1908647269898587"`, "1908647269898587"), func(*request.Request) {}},
		"another case of names":   {replaced(t, `"mimeType"`, `"MIMETYPE"`), func(*request.Request) {}},
		"no message id":           {replaced(t, `"messageId":"wamid.A",`, ""), func(r *request.Request) { r.MessageID = "" }},
		"no channel":              {replaced(t, `"channel":`, `"other":`), func(r *request.Request) { r.Channel = request.Channel{} }},
		"a byte order mark first": {"\uFEFF" + whole, func(*request.Request) {}},
	} {
		t.Run(name, func(t *testing.T) {
			want := wholeRequest()
			test.change(want)
			got, err := request.Decode(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// written returns the queue message that write writes.
func written(t testing.TB, write func(to *quoted.Text)) string {
	t.Helper()
	var text quoted.Text
	write(&text)
	message, err := jsontext.AppendUnquote(nil, `"`+string(text.Bytes())+`"`)
	if err != nil {
		t.Fatal(err)
	}
	return string(message)
}

func TestResults(t *testing.T) {
	const head = `{"specversion":"1.0","type":"conversation.media.%","id":"wamid.A:media:%","source":"urn:meta:whatsapp:1001","subject":"wamid.A","time":"%","datacontenttype":"application/json",` +
		`"data":{"eventId":"wamid.A","messageId":"wamid.A","channel":{"type":"whatsapp","id":"106540352242922"},"media":{"id":"1908647269898587","fileName":"Résumé �.jpg"},`
	want := func(rest string, values ...string) string {
		text := head
		for _, value := range values {
			text = strings.Replace(text, "%", value, 1)
		}
		return text + rest
	}
	modified := time.Date(2026, 11, 25, 22, 0, 1, 0, time.FixedZone("", 3600))
	for name, test := range map[string]struct {
		write func(to *quoted.Text)
		want  string
	}{
		"stored": {
			func(to *quoted.Text) {
				wholeRequest().WriteStored(to, request.Stored{Container: "media", Size: 104857600, SHA256: hash, MIMEType: "image/jpeg", Modified: modified})
			},
			want(`"container":"media","blob":"106540352242922/b206888b1d6c5a161a70ea45add4528b.jpg","size":104857600,"sha256":"`+hash+`","mimeType":"image/jpeg"}}`, "stored.v1", "stored", "2026-11-25T21:00:01.0000000Z"),
		},
		"failed": {
			func(to *quoted.Text) {
				wholeRequest().WriteFailed(to, &request.Failure{Reason: request.Gone, Detail: "Away.", Status: 404})
			},
			want(`"blob":"106540352242922/b206888b1d6c5a161a70ea45add4528b.jpg","reason":"gone","detail":"Away.","status":404}}`, "failed.v1", "failed", "2026-11-20T09:15:01.0000000Z"),
		},
		"failed without a status": {
			func(to *quoted.Text) {
				wholeRequest().WriteFailed(to, &request.Failure{Reason: request.TooLarge, Detail: "Large."})
			},
			want(`"blob":"106540352242922/b206888b1d6c5a161a70ea45add4528b.jpg","reason":"too-large","detail":"Large."}}`, "failed.v1", "failed", "2026-11-20T09:15:01.0000000Z"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, written(t, test.write)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A queue message has 48 KiB at most.
func TestResultWithoutFileName(t *testing.T) {
	r := wholeRequest()
	r.Media.FileName = strings.Repeat("\"é", 20_000)
	text := written(t, func(to *quoted.Text) { r.WriteStored(to, request.Stored{Container: "media"}) })
	if strings.Contains(text, "fileName") || len(text) > 1000 {
		t.Errorf("%d bytes: %.1000s", len(text), text)
	}
}

// What Decode accepts can be answered, and the answer has the ids of the request.
func FuzzDecode(f *testing.F) {
	f.Add(whole)
	f.Add(strings.Replace(whole, "wamid.A:media", `\"\\\u0000é`, 1))
	f.Add(`{"type":"conversation.media.requested.v1","id":1,"source":"s","data":{"media":{"id":"a"},"blob":"b"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := request.Decode(text)
		if (r == nil) != (err != nil) {
			t.Fatalf("got %v and %v", r, err)
		}
		if err != nil {
			return
		}
		if len(r.Blob) > 1024 || strings.HasPrefix(r.Blob, "/") || strings.Contains("/"+r.Blob+"/", "/../") {
			t.Errorf("blob %q", r.Blob)
		}
		type result struct {
			ID     string `json:"id"`
			Source string `json:"source"`
			Data   struct {
				Media struct {
					ID string `json:"id"`
				} `json:"media"`
				Blob string `json:"blob"`
			} `json:"data"`
		}
		for suffix, write := range map[string]func(to *quoted.Text){
			":stored": func(to *quoted.Text) { r.WriteStored(to, request.Stored{Container: "media", SHA256: hash}) },
			":failed": func(to *quoted.Text) { r.WriteFailed(to, &request.Failure{Reason: request.Gone}) },
		} {
			want := result{ID: r.ID + suffix, Source: r.Source}
			want.Data.Media.ID, want.Data.Blob = r.Media.ID, r.Blob
			var got result
			if err := json.Unmarshal([]byte(written(t, write)), &got); err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	})
}

// An error is logged, so it never quotes the text, which may have personal data.
func FuzzDecodeErrors(f *testing.F) {
	const phone = "14255550123"
	f.Add(" and more")
	f.Fuzz(func(t *testing.T, rest string) {
		inString, err := jsontext.AppendQuote(nil, phone+rest)
		if err != nil {
			return
		}
		for _, text := range []string{
			phone + "!" + rest,
			`{"type":` + string(inString) + `}`,
			strings.Replace(whole, `"1908647269898587"`, `"`+phone+`/"`, 1),
			strings.Replace(whole, `"106540352242922/`, `"/`+phone, 1),
		} {
			if _, err := request.Decode(text); err == nil || strings.Contains(err.Error(), phone) {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}
