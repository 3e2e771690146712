package main

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/internal/testkit"
)

// withMedia adds the output mediaRequests before the output for rejected events.
const withMedia = `{"type": "queue", "direction": "out", "name": "mediaRequests", "queueName": "media-requests", "connection": "ConversationStorage"},
    {
      "type": "blob",`

// simulateMedia runs the app and the media app beside it.
func simulateMedia(t *testing.T, o platform.Options) *platform.Platform {
	t.Helper()
	media := t.TempDir()
	for _, file := range []string{"host.json", "local.settings.json", "MediaTrigger/function.json"} {
		text, err := os.ReadFile(filepath.Join(repository, "media", file))
		testkit.Must(t, err)
		path := filepath.Join(media, file)
		testkit.Must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		testkit.Must(t, os.WriteFile(path, text, 0o644))
	}
	testkit.Must(t, os.MkdirAll(filepath.Join(media, "bin"), 0o755))
	testkit.Must(t, os.Symlink(testkit.Program(t, "media"), filepath.Join(media, "bin", "media")))
	o.With = []string{media}
	o.Folder = appFolder(t, func(file, text string) string {
		for _, function := range []string{"AdvancedMessageTrigger", "WebhookTrigger"} {
			text = changed(t, function+"/function.json", "{\n      \"type\": \"blob\",", withMedia)(file, text)
		}
		return text
	})
	p, _ := simulate(t, o)
	return p
}

// picture writes a picture of some size as a file.
func picture(t *testing.T, name string, width, height int) string {
	t.Helper()
	drawn := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			drawn.Set(x, y, color.RGBA{uint8(40 + 160*x/width), uint8(90 + 120*y/height), 150, 255})
		}
	}
	var text bytes.Buffer
	testkit.Must(t, png.Encode(&text, drawn))
	return writeFile(t, name, text.Bytes())
}

func writeFile(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	testkit.Must(t, os.WriteFile(path, content, 0o644))
	return path
}

// choose chooses a file in the composer, as a user does in the dialogue.
func (b *browser) choose(file string) {
	b.t.Helper()
	b.wait(`document.getElementById("compose-file")`)
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#compose-file"), []string{file}))
}

// sendFile sends a file with a caption.
func (b *browser) sendFile(kind, file, caption string) {
	b.t.Helper()
	b.set("#kind", kind)
	b.choose(file)
	b.shows(".chosen", filepath.Base(file))
	b.write(caption)
}

// A file of the composer is uploaded, stored by the media app, and shown in the
// conversation and in storage.
func pageShowsFiles(t *testing.T, started context.Context) {
	p := simulateMedia(t, platform.Options{})
	b := open(t, started, p, width, height)
	b.sendFile("image", picture(t, "lake.png", 320, 200), "The lake in the morning")
	b.wait(`document.querySelector("#chat img")?.naturalWidth === 320`)
	b.wait(`document.querySelector("#chat img").alt === "Picture with the caption: The lake in the morning"`)
	b.wait(`!document.querySelector(".chosen")`)
	b.sendFile("document", writeFile(t, "order 12345.txt", []byte("Two lamps")), "")
	b.shows("#chat a.file-card", "order 12345.txt", "text/plain", "9 B")
	b.set("#publish-provider", "meta")
	b.sendFile("image", picture(t, "meta.png", 64, 64), "Through Meta")
	b.wait(`[...document.querySelectorAll("#chat img")].some((picture) => picture.naturalWidth === 64)`)

	b.set("#kind", "image")
	b.choose(writeFile(t, "notes.txt", []byte("no picture")))
	b.shows(".chooser-file .notice", "notes.txt is text/plain")
	b.choose(writeFile(t, "nothing.png", nil))
	b.shows(".chooser-file .notice", "nothing.png is empty")
	b.write("Its file never existed")
	b.shows("#chat .file-card[data-tone=bad]", "Not stored: WhatsApp no longer has the file")

	b.shows("#stores", "media-results\n4", "media\n3")
	b.press("#stores", "media-results\n4")
	b.shows("#contents", "file stored: order 12345.txt, text/plain, 9 B", "file not stored: gone")
	b.click("#contents .stored:last-child > summary")
	b.press("#contents", "Show the stored file")
	b.shows(".contents-head", "media")
	b.wait(`document.querySelector("#contents .opened img")?.naturalWidth === 320`)
	b.shows("#contents .blob", "image/png")
	b.shot("stored")
	b.shows("#deliveries", "MediaTrigger · media-requests")
	b.click(`.delivery-line:has([title^="MediaTrigger"])`)
	b.shows(".timeline", "Message of the queue media-requests", "Outputs written", "queue media-results")
	b.press(".timeline", "queue message")
	b.shows(".timeline", `"conversation.media.requested.v1"`)
	if text := evaluate[string](b, `document.querySelector(".timeline").innerText`); strings.Contains(text, "/runtime/webhooks/EventGrid") {
		t.Errorf("the call with a queue message shows the address of Event Grid:\n%s", text)
	}
}
