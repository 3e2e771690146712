package platform_test

import (
	"bufio"
	"encoding/json/v2"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"whatsapp-functions/devhost/blobservice"
	"whatsapp-functions/devhost/mediaserver"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/internal/testkit"
)

// upload uploads a file as the page does.
func upload(t *testing.T, p *platform.Platform, query, contentType, content string) (file mediaserver.File) {
	t.Helper()
	status, text := ask(t, p, "POST", "/simulator/media"+query, content, "Content-Type", contentType)
	testkit.Must(t, json.Unmarshal([]byte(text), &file))
	if status != http.StatusOK || file.ID == "" {
		t.Fatalf("%d %s", status, text)
	}
	return file
}

// An uploaded file completes the message that refers to it.
func TestUploadedFile(t *testing.T) {
	t.Parallel()
	p, _ := start(t, platform.Options{Folder: playApp(t, nil, nil)})
	file := upload(t, p, "?name=order.pdf", "application/pdf", "%PDF-1.7")
	if file.MimeType != "application/pdf" || file.Size != 8 || file.FileName != "order.pdf" {
		t.Errorf("%+v", file)
	}
	if status, text := ask(t, p, "POST", "/simulator/messages", `{"message":{"kind":"document","media":{"id":"`+file.ID+`"}}}`); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	response, err := http.Get(p.URL() + "/simulator/live")
	testkit.Must(t, err)
	defer response.Body.Close()
	text, err := bufio.NewReader(response.Body).ReadString('\n')
	testkit.Must(t, err)
	for _, part := range []string{`"id":"` + file.ID + `"`, `"mimeType":"application/pdf"`, `"fileName":"order.pdf"`} {
		if !strings.Contains(text, part) {
			t.Errorf("there is no %s in %s", part, text)
		}
	}
	if status, text := ask(t, p, "DELETE", "/simulator/media/"+file.ID, ""); status != http.StatusOK {
		t.Errorf("%d %s", status, text)
	}
	if status, text := ask(t, p, "DELETE", "/simulator/media/"+file.ID, ""); status != http.StatusNotFound {
		t.Errorf("again: %d %s", status, text)
	}
}

// Only images, audio and video are shown; anything else is a download, whatever a
// request says.
func TestFileForPage(t *testing.T) {
	t.Parallel()
	p, _ := start(t, platform.Options{Folder: playApp(t, nil, nil)})
	client, err := azblob.NewClientFromConnectionString(blobservice.ConnectionString(p.URL()), nil)
	testkit.Must(t, err)
	_, err = client.CreateContainer(t.Context(), "media", nil)
	testkit.Must(t, err)
	for name, test := range map[string]struct{ stored, requested, contentType, disposition string }{
		"photo.jpg":  {"image/jpeg", "", "image/jpeg", "inline"},
		"voice.ogg":  {"audio/ogg; codecs=opus", "", "audio/ogg", "inline"},
		"typed.jpg":  {"", "image/jpeg", "image/jpeg", "inline"},
		"order.pdf":  {"application/pdf", "", "application/octet-stream", "attachment"},
		"page.html":  {"text/html", "", "application/octet-stream", "attachment"},
		"image.svg":  {"image/svg+xml", "", "application/octet-stream", "attachment"},
		"asked.html": {"image/png", "text/html", "application/octet-stream", "attachment"},
		"odd":        {"image/png; \x7f", "", "application/octet-stream", "attachment"},
		"c/\" x.jpg": {"image/jpeg", "", "image/jpeg", "inline"},
	} {
		headers := &blob.HTTPHeaders{BlobContentType: &test.stored}
		if name == "odd" {
			headers.BlobContentType = nil
		}
		_, err := client.UploadBuffer(t.Context(), "media", name, []byte("0123456789"), &azblob.UploadBufferOptions{HTTPHeaders: headers})
		testkit.Must(t, err)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL()+"/simulator/file?"+url.Values{"container": {"media"}, "name": {name}, "type": {test.requested}}.Encode(), nil)
		testkit.Must(t, err)
		request.Header.Set("Range", "bytes=2-4")
		response, err := http.DefaultClient.Do(request)
		testkit.Must(t, err)
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		h := response.Header
		if response.StatusCode != http.StatusPartialContent || string(body) != "234" || h.Get("Content-Type") != test.contentType || !strings.HasPrefix(h.Get("Content-Disposition"), test.disposition) ||
			h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: %d %q %v", name, response.StatusCode, body, h)
		}
	}
	for _, query := range []string{"container=media&name=none", "container=..&name=x", ""} {
		if status, _ := ask(t, p, "GET", "/simulator/file?"+query, ""); status != http.StatusNotFound {
			t.Errorf("%s: %d", query, status)
		}
	}
}

// Handlers get the addresses of devhost's media endpoints and blobs, unless the
// environment has others.
func TestSettingsForMedia(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		environ  []string
		settings map[string]string
		want     func(p *platform.Platform) map[string]string
	}{
		"none": {nil, nil, func(p *platform.Platform) map[string]string {
			return map[string]string{"AzureWebJobsStorage": blobservice.ConnectionString(p.URL()), "MEDIA_META_URL": p.URL() + "/graph"}
		}},
		"in settings": {nil, map[string]string{"MEDIA_META_URL": "https://graph.facebook.com", "Other": "usedevelopmentstorage=TRUE; "}, func(p *platform.Platform) map[string]string {
			return map[string]string{"Other": blobservice.ConnectionString(p.URL()), "MEDIA_META_URL": p.URL() + "/graph"}
		}},
		"in the environment": {[]string{"MEDIA_META_URL=https://example.com", "AzureWebJobsStorage=x"}, nil, func(*platform.Platform) map[string]string {
			return map[string]string{"AzureWebJobsStorage": "x", "MEDIA_META_URL": "https://example.com"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			settings := map[string]string{"PRINT_SETTINGS": "1"}
			for name, value := range test.settings {
				settings[name] = value
			}
			p, said := start(t, platform.Options{Folder: playApp(t, settings, nil), Environ: append(os.Environ(), test.environ...)})
			for name, value := range test.want(p) {
				said.Wait(t, "setting "+name+"="+value, 1)
			}
		})
	}
}
