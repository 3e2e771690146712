package store_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/devhost/blobservice"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/internal/testkit/azuritetest"
	"whatsapp-functions/media/request"
	"whatsapp-functions/media/store"
)

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func open(t *testing.T, connection, container string, transport policy.Transporter) *store.Store {
	t.Helper()
	s, err := store.OpenConnection(connection, container, store.Options{
		Retry: &policy.RetryOptions{MaxRetries: 2, RetryDelay: time.Millisecond}, Transport: transport,
	})
	testkit.Must(t, err)
	return s
}

// accept is a check that accepts every file, and limit a limit that allows every size.
func accept(int64, string) error { return nil }
func limit(int64) error          { return nil }

func find(t *testing.T, s *store.Store, name, hash string) store.State {
	t.Helper()
	found, err := s.Find(t.Context(), name, hash)
	testkit.Must(t, err)
	return found
}

func put(t *testing.T, s *store.Store, name string, found store.State, content []byte) error {
	t.Helper()
	return s.Put(t.Context(), name, found, store.NewContent(bytes.NewReader(content), limit, accept), "image/jpeg")
}

// blob returns the content of a blob, and whether there is one.
func blob(t *testing.T, connection, container, name string) ([]byte, bool) {
	t.Helper()
	client, err := azblob.NewClientFromConnectionString(connection, nil)
	testkit.Must(t, err)
	answer, err := client.DownloadStream(t.Context(), container, name, nil)
	if err != nil {
		return nil, false
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	testkit.Must(t, err)
	return content, true
}

// transport does something before or instead of a request.
type transport func(r *http.Request) (*http.Response, error)

func (f transport) Do(r *http.Request) (*http.Response, error) { return f(r) }

func TestStore(t *testing.T) {
	account, err := embedded.Open(t.TempDir())
	testkit.Must(t, err)
	account.Folder.NoSync = true
	server := httptest.NewServer(&blobservice.Service{Storage: account})
	defer server.Close()
	testStore(t, blobservice.ConnectionString(server.URL))
}

func TestStoreOnAzurite(t *testing.T) {
	testkit.Long(t, "TestStore again, on Azurite")
	testStore(t, azuritetest.Start(t, azurite.Options{}).Connection)
}

func testStore(t *testing.T, connection string) {
	for _, size := range []int{0, 1, 4<<20 - 1, 4 << 20, 4<<20 + 1, 9 << 20} {
		t.Run(fmt.Sprintf("%d bytes", size), func(t *testing.T) {
			s := open(t, connection, "sizes", nil)
			content := bytes.Repeat([]byte("0123456789abcdef\n"), size/17+1)[:size]
			name := fmt.Sprintf("106540352242922/%d.jpg", size)
			before := find(t, s, name, "") // creates the container
			if before.Whole {
				t.Fatal("there is a blob already")
			}
			testkit.Must(t, put(t, s, name, before, content))
			found := find(t, s, name, hashOf(content))
			want := request.Stored{Container: "sizes", Size: int64(size), SHA256: hashOf(content), MIMEType: "image/jpeg", Modified: found.Stored.Modified}
			if !found.Whole || found.Stored != want || time.Since(found.Stored.Modified) > time.Hour {
				t.Errorf("got %+v, want %+v", found, want)
			}
			if stored, ok := blob(t, connection, "sizes", name); !ok || !bytes.Equal(stored, content) {
				t.Errorf("%d bytes are stored", len(stored))
			}
			if find(t, s, name, hashOf([]byte("other"))).Whole {
				t.Error("a blob with another hash counts as whole")
			}
		})
	}

	large := bytes.Repeat([]byte("0123456789abcdef"), 9<<20/16)

	for name, test := range map[string]struct {
		content func() *store.Content
		want    error
	}{
		"the reader fails": {func() *store.Content {
			return store.NewContent(io.MultiReader(bytes.NewReader(large), iotest.ErrReader(io.ErrUnexpectedEOF)), limit, accept)
		}, io.ErrUnexpectedEOF},
		"the reader fails at once": {func() *store.Content { return store.NewContent(iotest.ErrReader(io.ErrUnexpectedEOF), limit, accept) }, io.ErrUnexpectedEOF},
		"the check fails": {func() *store.Content {
			return store.NewContent(bytes.NewReader(large), limit, func(int64, string) error { return errRefused })
		}, errRefused},
		"the check of a small file fails": {func() *store.Content {
			return store.NewContent(strings.NewReader("x"), limit, func(int64, string) error { return errRefused })
		}, errRefused},
		"the check fails with the last byte": {func() *store.Content {
			return store.NewContent(iotest.DataErrReader(bytes.NewReader(large[:8<<20])), limit, func(int64, string) error { return errRefused })
		}, errRefused},
		"the limit is passed": {func() *store.Content {
			return store.NewContent(bytes.NewReader(large), func(size int64) error {
				if size > 5<<20 {
					return errRefused
				}
				return nil
			}, accept)
		}, errRefused},
	} {
		t.Run("nothing is stored if "+name, func(t *testing.T) {
			s := open(t, connection, "failures", nil)
			blobName := strings.ReplaceAll(name, " ", "-")
			err := s.Put(t.Context(), blobName, find(t, s, blobName, ""), test.content(), "image/jpeg")
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if _, ok := blob(t, connection, "failures", blobName); ok {
				t.Error("there is a blob")
			}
		})
	}

	t.Run("a blob of another program is replaced", func(t *testing.T) {
		s := open(t, connection, "foreign", nil)
		find(t, s, "a", "")
		client, err := azblob.NewClientFromConnectionString(connection, nil)
		testkit.Must(t, err)
		_, err = client.UploadBuffer(t.Context(), "foreign", "a", []byte("other"), nil)
		testkit.Must(t, err)
		found := find(t, s, "a", "")
		if found.Whole {
			t.Fatal("the blob counts as whole")
		}
		testkit.Must(t, put(t, s, "a", found, []byte("file")))
		if stored, _ := blob(t, connection, "foreign", "a"); string(stored) != "file" {
			t.Errorf("stored %q", stored)
		}
	})

	t.Run("a newer blob is not replaced", func(t *testing.T) {
		s := open(t, connection, "conflict", nil)
		for _, content := range [][]byte{[]byte("small"), large} {
			name := fmt.Sprint(len(content))
			before := find(t, s, name, "")
			testkit.Must(t, put(t, s, name, before, content))
			first := find(t, s, name, "")
			if err := put(t, s, name, before, content); err == nil || !strings.HasPrefix(err.Error(), "storage: write the blob: status 4") {
				t.Errorf("got %v", err)
			}
			if second := find(t, s, name, ""); second != first {
				t.Errorf("got %+v, want %+v", second, first)
			}
		}
	})

	t.Run("an answer that is lost", func(t *testing.T) {
		var lost atomic.Int32
		s := open(t, connection, "lost", transport(func(r *http.Request) (*http.Response, error) {
			answer, err := http.DefaultClient.Do(r)
			if err == nil && r.URL.Query().Get("comp") == "blocklist" && lost.Add(1) == 1 {
				_ = answer.Body.Close()
				return nil, io.ErrUnexpectedEOF
			}
			return answer, err
		}))
		before := find(t, s, "a", "")
		if err := put(t, s, "a", before, large); err == nil {
			t.Error("the second commit did not fail")
		}
		if !find(t, s, "a", hashOf(large)).Whole {
			t.Error("the blob is not there")
		}
	})

	t.Run("an interrupted block", func(t *testing.T) {
		var blocks atomic.Int32
		s := open(t, connection, "interrupted", transport(func(r *http.Request) (*http.Response, error) {
			if r.URL.Query().Get("comp") == "block" && blocks.Add(1) == 2 {
				return nil, errors.New("connection reset")
			}
			return http.DefaultClient.Do(r)
		}))
		testkit.Must(t, put(t, s, "a", find(t, s, "a", ""), large))
		if !find(t, s, "a", hashOf(large)).Whole {
			t.Error("the blob is not there")
		}
	})

	t.Run("MIME types", func(t *testing.T) {
		s := open(t, connection, "types", nil)
		for sent, want := range map[string]string{
			"audio/ogg; codecs=opus":  "audio/ogg; codecs=opus",
			"":                        "application/octet-stream",
			"image/jpeg\r\nX-Evil: 1": "application/octet-stream",
			"image/é":                 "application/octet-stream",
			"no type at all":          "application/octet-stream",
		} {
			name := hashOf([]byte(sent))
			testkit.Must(t, s.Put(t.Context(), name, find(t, s, name, ""), store.NewContent(strings.NewReader("x"), limit, accept), sent))
			if got := find(t, s, name, "").Stored.MIMEType; got != want {
				t.Errorf("%q: got %q, want %q", sent, got, want)
			}
		}
	})
}

var errRefused = errors.New("refused")

// Errors of the storage account have neither its address's query nor its key.
func TestErrors(t *testing.T) {
	const connection = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=U0VDUkVU;BlobEndpoint=http://127.0.0.1:1/a"
	for name, test := range map[string]struct {
		transport transport
		want      string
	}{
		"refused":     {func(*http.Request) (*http.Response, error) { return answer(403, "AuthorizationFailure"), nil }, "storage: look for the blob: status 403, code 'AuthorizationFailure'"},
		"busy":        {func(*http.Request) (*http.Response, error) { return answer(503, "ServerBusy"), nil }, "storage: look for the blob: status 503, code 'ServerBusy'"},
		"no network":  {http.DefaultClient.Do, "storage: look for the blob: dial tcp 127.0.0.1:1: connect: connection refused"},
		"not storage": {func(*http.Request) (*http.Response, error) { return answer(404, ""), nil }, "storage: look for the blob: status 404, code ''"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(t, connection, "c", test.transport).Find(t.Context(), "a", "")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	for _, text := range []string{"", "SECRET", "endpoint=https://x;accesskey=SECRET", "AccountName=a;AccountKey=SECRET"} {
		if _, err := store.OpenConnection(text, "c", store.Options{}); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%q: got %v", text, err)
		}
	}
	if _, err := store.OpenConnection("UseDevelopmentStorage=true;", "c", store.Options{}); err != nil {
		t.Error(err)
	}
}

func answer(status int, code string) *http.Response {
	header := http.Header{}
	if code != "" {
		header.Set("x-ms-error-code", code)
	}
	return &http.Response{StatusCode: status, Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), Header: header, Body: http.NoBody}
}
