package blobservice_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/devhost/blobservice"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/internal/testkit/azuritetest"
)

// serve serves an empty account.
func serve(t *testing.T) (connection string, store *embedded.Storage) {
	t.Helper()
	store, err := embedded.Open(t.TempDir())
	testkit.Must(t, err)
	store.Folder.NoSync = true
	server := httptest.NewServer(&blobservice.Service{Storage: store})
	t.Cleanup(server.Close)
	return blobservice.ConnectionString(server.URL), store
}

func newClient(t *testing.T, connection string) *azblob.Client {
	t.Helper()
	client, err := azblob.NewClientFromConnectionString(connection, &azblob.ClientOptions{ClientOptions: policy.ClientOptions{Retry: policy.RetryOptions{MaxRetries: -1}}})
	testkit.Must(t, err)
	return client
}

func TestWithClientOfAzure(t *testing.T) {
	connection, _ := serve(t)
	testClient(t, newClient(t, connection))
}

func TestAzuriteWithClientOfAzure(t *testing.T) {
	testkit.Long(t, "TestWithClientOfAzure again, on Azurite")
	testClient(t, newClient(t, azuritetest.Start(t, azurite.Options{}).Connection))
}

// wantError checks the status and the code of an error.
func wantError(t *testing.T, err error, status int, code string) {
	t.Helper()
	response, ok := errors.AsType[*azcore.ResponseError](err)
	if !ok || response.StatusCode != status || response.ErrorCode != code {
		t.Errorf("got %v, want %d %s", err, status, code)
	}
}

func random(t *testing.T, size int) []byte {
	t.Helper()
	content := make([]byte, size)
	_, err := rand.Read(content)
	testkit.Must(t, err)
	return content
}

func testClient(t *testing.T, client *azblob.Client) {
	ctx := t.Context()
	const container = "media"
	blobs := client.ServiceClient().NewContainerClient(container)
	_, err := client.UploadBuffer(ctx, container, "x", []byte("x"), nil)
	wantError(t, err, http.StatusNotFound, "ContainerNotFound")
	_, err = blobs.GetProperties(ctx, nil)
	wantError(t, err, http.StatusNotFound, "ContainerNotFound")
	_, err = client.CreateContainer(ctx, container, nil)
	testkit.Must(t, err)
	_, err = client.CreateContainer(ctx, container, nil)
	wantError(t, err, http.StatusConflict, "ContainerAlreadyExists")
	_, err = blobs.GetProperties(ctx, nil)
	testkit.Must(t, err)

	for name, size := range map[string]int{"empty.bin": 0, "folder/one block.jpg": 1000, "folder/ä/many blocks.mp4": 9<<20 + 1} {
		t.Run(name, func(t *testing.T) {
			content := random(t, size)
			contentType, sum := "video/mp4; codecs=x", "ab12"
			_, err := client.UploadStream(ctx, container, name, bytes.NewReader(content), &azblob.UploadStreamOptions{
				BlockSize: 4 << 20, Concurrency: 2,
				HTTPHeaders: &blob.HTTPHeaders{BlobContentType: &contentType},
				Metadata:    map[string]*string{"sha256": &sum},
			})
			testkit.Must(t, err)
			response, err := client.DownloadStream(ctx, container, name, nil)
			testkit.Must(t, err)
			got, err := io.ReadAll(response.Body)
			testkit.Must(t, err)
			if !bytes.Equal(got, content) || *response.ContentType != contentType {
				t.Errorf("%d bytes of %d, type %s", len(got), size, *response.ContentType)
			}
			described, err := blobs.NewBlobClient(name).GetProperties(ctx, nil)
			testkit.Must(t, err)
			metadata := map[string]string{}
			for name, value := range described.Metadata {
				metadata[strings.ToLower(name)] = *value
			}
			if diff := cmp.Diff(map[string]string{"sha256": sum}, metadata); diff != "" {
				t.Error(diff)
			}
			if *described.ContentLength != int64(size) || *described.ETag != *response.ETag || !described.LastModified.Equal(*response.LastModified) || time.Since(*described.LastModified).Abs() > time.Hour {
				t.Errorf("%d bytes, %s of %s, %s", *described.ContentLength, *described.ETag, *response.ETag, described.LastModified)
			}
			if size == 0 {
				return
			}
			part, err := client.DownloadStream(ctx, container, name, &azblob.DownloadStreamOptions{Range: azblob.HTTPRange{Offset: 10, Count: 20}})
			testkit.Must(t, err)
			got, err = io.ReadAll(part.Body)
			testkit.Must(t, err)
			if !bytes.Equal(got, content[10:30]) {
				t.Errorf("a range has %d bytes", len(got))
			}
			_, err = client.DeleteBlob(ctx, container, name, nil)
			testkit.Must(t, err)
			_, err = client.DeleteBlob(ctx, container, name, nil)
			wantError(t, err, http.StatusNotFound, "BlobNotFound")
			_, err = client.DownloadStream(ctx, container, name, nil)
			wantError(t, err, http.StatusNotFound, "BlobNotFound")
			_, err = blobs.NewBlobClient(name).GetProperties(ctx, nil)
			wantError(t, err, http.StatusNotFound, "BlobNotFound")
		})
	}
	t.Run("conditions", func(t *testing.T) { testConditions(t, client, blobs.NewBlockBlobClient("conditions")) })
	t.Run("blocks", func(t *testing.T) { testBlocks(t, blobs.NewBlockBlobClient("blocks")) })
	_, err = client.DeleteContainer(ctx, container, nil)
	testkit.Must(t, err)
	_, err = client.DeleteContainer(ctx, container, nil)
	wantError(t, err, http.StatusNotFound, "ContainerNotFound")
}

func testConditions(t *testing.T, client *azblob.Client, b *blockblob.Client) {
	ctx := t.Context()
	upload := func(c blob.ModifiedAccessConditions) error {
		_, err := client.UploadBuffer(ctx, "media", "conditions", []byte("content"), &azblob.UploadBufferOptions{AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &c}})
		return err
	}
	anyTag, other := azcore.ETagAny, azcore.ETag(`"0x1"`)
	wantError(t, upload(blob.ModifiedAccessConditions{IfMatch: &other}), http.StatusPreconditionFailed, "ConditionNotMet")
	testkit.Must(t, upload(blob.ModifiedAccessConditions{IfNoneMatch: &anyTag}))
	wantError(t, upload(blob.ModifiedAccessConditions{IfNoneMatch: &anyTag}), http.StatusConflict, "BlobAlreadyExists")
	described, err := b.GetProperties(ctx, nil)
	testkit.Must(t, err)
	testkit.Must(t, upload(blob.ModifiedAccessConditions{IfMatch: described.ETag}))
	wantError(t, upload(blob.ModifiedAccessConditions{IfMatch: described.ETag}), http.StatusPreconditionFailed, "ConditionNotMet")
	now, err := b.GetProperties(ctx, nil)
	testkit.Must(t, err)
	if *now.ETag == *described.ETag {
		t.Errorf("the entity tag is still %s", *now.ETag)
	}
	_, err = b.DownloadStream(ctx, &blob.DownloadStreamOptions{AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: described.ETag}}})
	wantError(t, err, http.StatusPreconditionFailed, "ConditionNotMet")
	unchanged, err := b.DownloadStream(ctx, &blob.DownloadStreamOptions{AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: now.ETag}}})
	testkit.Must(t, err) // the client takes 304 as a success
	if unchanged.ErrorCode == nil || *unchanged.ErrorCode != "ConditionNotMet" {
		t.Errorf("the error code is %v", unchanged.ErrorCode)
	}
	_, err = b.Delete(ctx, &blob.DeleteOptions{AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: described.ETag}}})
	wantError(t, err, http.StatusPreconditionFailed, "ConditionNotMet")
	_, err = b.Delete(ctx, nil)
	testkit.Must(t, err)
}

// Blocks are not part of the blob before their commit.
func testBlocks(t *testing.T, b *blockblob.Client) {
	ctx := t.Context()
	id := func(n int) string { return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "block-%03d", n)) }
	stage := func(n int, text string) {
		t.Helper()
		_, err := b.StageBlock(ctx, id(n), body(text), nil)
		testkit.Must(t, err)
	}
	read := func() string {
		t.Helper()
		response, err := b.DownloadStream(ctx, nil)
		testkit.Must(t, err)
		text, err := io.ReadAll(response.Body)
		testkit.Must(t, err)
		return string(text)
	}
	stage(2, "two")
	stage(1, "one")
	_, err := b.GetProperties(ctx, nil)
	wantError(t, err, http.StatusNotFound, "BlobNotFound")
	_, err = b.CommitBlockList(ctx, []string{id(1), id(2)}, nil)
	testkit.Must(t, err)
	if got := read(); got != "onetwo" {
		t.Errorf("the blob is %q", got)
	}
	stage(3, "three")
	if got := read(); got != "onetwo" {
		t.Errorf("after another block the blob is %q", got)
	}
	_, err = b.CommitBlockList(ctx, []string{id(2), id(3)}, nil) // of the blob, and a new one
	testkit.Must(t, err)
	if got := read(); got != "twothree" {
		t.Errorf("the blob is %q", got)
	}
	_, err = b.CommitBlockList(ctx, []string{id(9)}, nil)
	wantError(t, err, http.StatusBadRequest, "InvalidBlockList")
}

func body(text string) io.ReadSeekCloser { return nopCloser{strings.NewReader(text)} }

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

// A request without signature has the same results, with the error in its body.
func TestPlainRequests(t *testing.T) {
	connection, store := serve(t)
	_, address, _ := strings.Cut(connection, "BlobEndpoint=")
	type header = map[string]string
	block := header{"x-ms-blob-type": "BlockBlob"}
	for _, test := range []struct {
		method, path, body string
		header             header
		status             int
		code               string
	}{
		{"PUT", "/media?restype=container", "", nil, 201, ""},
		{"PUT", "/media/a", "x", nil, 400, "InvalidHeaderValue"},
		{"PUT", "/media/a", "x", header{"x-ms-blob-type": "PageBlob"}, 400, "InvalidHeaderValue"},
		{"PUT", "/media/a", "x", header{"x-ms-blob-type": "BlockBlob", "Content-MD5": "AAAA"}, 400, "Md5Mismatch"},
		{"PUT", "/media/a", "x", header{"x-ms-blob-type": "BlockBlob", "x-ms-meta-a-b": "1"}, 400, "InvalidMetadata"},
		{"PUT", "/media/a", "x", header{"x-ms-blob-type": "BlockBlob", "x-ms-meta-a": strings.Repeat("x", 9000)}, 400, "MetadataTooLarge"},
		{"GET", "/media/a", "", nil, 404, "BlobNotFound"},
		{"HEAD", "/media/a", "", nil, 404, "BlobNotFound"},
		{"PUT", "/media/a", "hello", block, 201, ""},
		{"GET", "/media/a", "", header{"Range": "bytes=9-"}, 416, "InvalidRange"},
		{"PUT", "/media/a?comp=block&blockid=!", "x", nil, 400, "InvalidQueryParameterValue"},
		{"PUT", "/media/a?comp=blocklist", "<BlockList>", nil, 400, "InvalidXmlDocument"},
		{"PUT", "/media/a?comp=blocklist", "<BlockList><Other>YQ==</Other></BlockList>", nil, 400, "InvalidInput"},
		{"PUT", "/media/a?comp=lease", "", nil, 501, "NotImplemented"},
		{"GET", "/media?restype=container&comp=list", "", nil, 501, "NotImplemented"},
		{"PUT", "/Media?restype=container", "", nil, 400, "InvalidResourceName"},
		{"PUT", "/media/../../x", "x", block, 201, ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), test.method, address+test.path, strings.NewReader(test.body))
		testkit.Must(t, err)
		for name, value := range test.header {
			r.Header.Set(name, value)
		}
		response, err := http.DefaultClient.Do(r)
		testkit.Must(t, err)
		text, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != test.status || response.Header.Get("x-ms-error-code") != test.code || response.Header.Get("x-ms-request-id") == "" {
			t.Errorf("%s %s: %d %s %s", test.method, test.path, response.StatusCode, response.Header, text)
		}
		if test.code != "" && test.method != "HEAD" && !strings.Contains(string(text), "<Code>"+test.code+"</Code>") {
			t.Errorf("%s %s: %s", test.method, test.path, text)
		}
	}
	stored, err := store.Blob(t.Context(), "media", "a", 100)
	if string(stored) != "hello" || err != nil {
		t.Errorf("%q %v", stored, err)
	}
}

// A body that breaks off leaves the blob unchanged.
func TestInterruptedUpload(t *testing.T) {
	connection, store := serve(t)
	client := newClient(t, connection)
	_, err := client.CreateContainer(t.Context(), "media", nil)
	testkit.Must(t, err)
	_, err = client.UploadBuffer(t.Context(), "media", "a", []byte("before"), nil)
	testkit.Must(t, err)
	_, address, _ := strings.Cut(connection, "BlobEndpoint=")
	reader, writer := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, address+"/media/a", reader)
	testkit.Must(t, err)
	r.Header.Set("x-ms-blob-type", "BlockBlob")
	r.ContentLength = 1 << 20
	go func() {
		_, _ = writer.Write(make([]byte, 1<<19))
		_ = writer.CloseWithError(errors.New("interrupted"))
	}()
	if _, err := http.DefaultClient.Do(r); err == nil {
		t.Error("the request was answered")
	}
	content, err := store.Blob(t.Context(), "media", "a", 100)
	if string(content) != "before" || err != nil {
		t.Errorf("%q %v", content, err)
	}
}
