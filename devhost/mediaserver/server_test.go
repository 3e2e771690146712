package mediaserver

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json/v2"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/internal/testkit"
)

var content = []byte("\x89PNG\r\n\x1a\n the picture")

// serve serves an uploaded file.
func serve(t *testing.T) (*Server, *httptest.Server, File) {
	t.Helper()
	store, err := OpenStore(t.TempDir())
	testkit.Must(t, err)
	file, err := store.Add(bytes.NewReader(content), "photo.png", "")
	testkit.Must(t, err)
	s := NewServer(store)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server, file
}

// get sends a request with some headers.
func get(t *testing.T, url string, headers map[string]string) (status int, header http.Header, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	testkit.Must(t, err)
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(r)
	testkit.Must(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	testkit.Must(t, err)
	return response.StatusCode, response.Header, string(text)
}

func TestFile(t *testing.T) {
	s, _, file := serve(t)
	sum := sha256.Sum256(content)
	want := File{ID: file.ID, MimeType: "image/png", SHA256: base64.StdEncoding.EncodeToString(sum[:]), SHA256Hex: hex.EncodeToString(sum[:]), Size: int64(len(content)), FileName: "photo.png"}
	if file != want {
		t.Errorf("got %+v, want %+v", file, want)
	}
	if found, err := s.Store.Find(file.ID); found != want || err != nil {
		t.Errorf("%+v %v", found, err)
	}
	for _, id := range []string{"", "123", "../" + file.ID, file.ID + "x"} {
		if _, err := s.Store.Find(id); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestTypes(t *testing.T) {
	for name, test := range map[string]struct{ fileName, declared, content, want string }{
		"extension":                    {"a.OGG", "video/ogg", "OggS", "audio/ogg; codecs=opus"},
		"declared":                     {"a.heic", "image/heic", "x", "image/heic"},
		"declared as unknown":          {"a", "application/octet-stream", "%PDF-1.7", "application/pdf"},
		"content":                      {"", "", "\xff\xd8\xff", "image/jpeg"},
		"text without a character set": {"", "", "hello", "text/plain"},
		"nothing":                      {"", "", "", "text/plain"},
		"binary":                       {"", "", "\x00\x01", "application/octet-stream"},
	} {
		if got := detectType(test.fileName, test.declared, []byte(test.content)); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}

func TestGraph(t *testing.T) {
	s, server, file := serve(t)
	now := time.Now()
	s.Now = func() time.Time { return now }
	token := map[string]string{"Authorization": "Bearer secret"}
	if status, _, body := get(t, server.URL+"/graph/v25.0/"+file.ID, nil); status != http.StatusUnauthorized || !strings.Contains(body, `"code":190`) {
		t.Errorf("without a token: %d %s", status, body)
	}
	if status, _, body := get(t, server.URL+"/graph/v25.0/99", token); status != http.StatusBadRequest || !strings.Contains(body, `"error_subcode":33`) {
		t.Errorf("an unknown id: %d %s", status, body)
	}
	status, _, body := get(t, server.URL+"/graph/v25.0/"+file.ID+"?phone_number_id=1", token)
	var found struct {
		URL    string `json:"url"`
		Type   string `json:"mime_type"`
		SHA256 string `json:"sha256"`
		Size   int64  `json:"file_size"`
		ID     string `json:"id"`
	}
	testkit.Must(t, json.Unmarshal([]byte(body), &found))
	if status != http.StatusOK || found.Type != file.MimeType || found.SHA256 != file.SHA256Hex || found.Size != file.Size || found.ID != file.ID {
		t.Errorf("%d %+v", status, found)
	}
	if status, header, body := get(t, found.URL, token); status != http.StatusOK || body != string(content) || header.Get("Content-Type") != "image/png" {
		t.Errorf("the file: %d %v %q", status, header, body)
	}
	if status, _, _ := get(t, found.URL, nil); status != http.StatusUnauthorized {
		t.Errorf("the file without a token: %d", status)
	}
	if status, _, _ := get(t, found.URL[:len(found.URL)-1]+"x", token); status != http.StatusNotFound {
		t.Errorf("another URL: %d", status)
	}
	now = now.Add(urlLife)
	if status, _, _ := get(t, found.URL, token); status != http.StatusNotFound {
		t.Errorf("after five minutes: %d", status)
	}
	now = now.Add(-urlLife)
	testkit.Must(t, s.Store.Remove(file.ID))
	if status, _, _ := get(t, found.URL, token); status != http.StatusNotFound {
		t.Errorf("the file of an expired id: %d", status)
	}
}

func TestACS(t *testing.T) {
	s, server, file := serve(t)
	path := "/acs/messages/streams/" + file.ID + "?api-version=2024-08-30"
	signed := func(path string) map[string]string {
		date := time.Now().UTC().Format(http.TimeFormat)
		key, err := base64.StdEncoding.DecodeString(accessKey)
		testkit.Must(t, err)
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte("GET\n" + path + "\n" + date + ";" + strings.TrimPrefix(server.URL, "http://") + ";" + emptyHash))
		return map[string]string{
			"x-ms-date": date, "x-ms-content-sha256": emptyHash,
			"Authorization": "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=" + base64.StdEncoding.EncodeToString(mac.Sum(nil)),
		}
	}
	const other = "/acs/messages/streams/99?api-version=2024-08-30"
	for name, test := range map[string]struct {
		path    string
		headers map[string]string
		status  int
		body    string
	}{
		"signature":            {path, signed(path), http.StatusOK, string(content)},
		"token":                {path, map[string]string{"Authorization": "Bearer secret"}, http.StatusOK, string(content)},
		"none":                 {path, nil, http.StatusUnauthorized, "Denied"},
		"signature of another": {path, signed(other), http.StatusUnauthorized, "Denied"},
		"unknown id":           {other, signed(other), http.StatusNotFound, "NotFound"},
		"no version":           {"/acs/messages/streams/99", map[string]string{"Authorization": "Bearer secret"}, http.StatusBadRequest, "api-version"},
	} {
		if status, _, body := get(t, server.URL+test.path, test.headers); status != test.status || !strings.Contains(body, test.body) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	testkit.Must(t, s.Store.Clear())
	if status, _, _ := get(t, server.URL+path, signed(path)); status != http.StatusNotFound {
		t.Errorf("an expired id: %d", status)
	}
}

// endless is a file without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestLargestFile(t *testing.T) {
	store, err := OpenStore(t.TempDir())
	testkit.Must(t, err)
	file, err := store.Add(io.LimitReader(endless{}, MaxSize), "", "")
	testkit.Must(t, err)
	if file.Size != MaxSize {
		t.Errorf("%d bytes", file.Size)
	}
	if _, err := store.Add(endless{}, "", ""); !errors.Is(err, ErrTooLarge) || UploadStatus(err) != http.StatusRequestEntityTooLarge {
		t.Error(err)
	}
}
