package main

import (
	"cmp"
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"whatsapp-functions/devhost/mediaserver"
	"whatsapp-functions/devhost/simulator"
	"whatsapp-functions/devhost/whatsapp"
)

// mediaKinds are the kinds of messages with a file.
var mediaKinds = []string{"image", "video", "audio", "document", "sticker"}

// upload uploads --file to devhost, which serves it as the provider would. It
// chooses the kind of message if no flag does.
func (o *sendOptions) upload(ctx context.Context, address string) error {
	content, err := os.Open(o.file)
	if err != nil {
		return err
	}
	defer content.Close()
	info, err := content.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", o.file)
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return err
	}
	parsed.Path = simulator.Prefix + "media"
	parsed.RawQuery = url.Values{"name": {cmp.Or(o.fileName, filepath.Base(o.file))}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, parsed.String(), content)
	if err != nil {
		return err
	}
	request.ContentLength = info.Size()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return errNotRunning(parsed)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return err
	}
	var answer struct {
		mediaserver.File
		Error string `json:"error"`
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.ID == "" {
		return fmt.Errorf("%s: devhost refused it: %s", o.file, cmp.Or(answer.Error, response.Status))
	}
	file := answer.File
	kind := kindOf(file.MimeType)
	for chosen, isSet := range o.media {
		if *isSet {
			kind = chosen
		}
	}
	*o.media[kind] = true
	o.uploaded = whatsapp.Media{ID: file.ID, MimeType: cmp.Or(o.mimeType, file.MimeType), SHA256: file.SHA256, Animated: o.animated}
	if kind == "document" {
		o.uploaded.FileName = file.FileName
	}
	return nil
}

// kindOf returns the kind of message that WhatsApp sends for a type of file.
func kindOf(mimeType string) string {
	kind, _, _ := strings.Cut(mimeType, "/")
	switch {
	case mimeType == "image/webp":
		return "sticker"
	case kind == "image" || kind == "video" || kind == "audio":
		return kind
	default:
		return "document"
	}
}

// takeKind accepts the kind of the file as an argument, as in
//
//	devhost send image --file photo.jpg
func (o *sendOptions) takeKind(arguments []string) ([]string, error) {
	if o.file == "" || len(arguments) == 0 {
		return arguments, nil
	}
	if len(arguments) > 1 || !slices.Contains(mediaKinds, arguments[0]) {
		return nil, fmt.Errorf("--file is the file of one message: its kind is one of %s", strings.Join(mediaKinds, ", "))
	}
	for kind, isSet := range o.media {
		if *isSet && kind != arguments[0] {
			return nil, errors.New("a message has one kind: pass " + arguments[0] + " or --" + kind)
		}
	}
	*o.media[arguments[0]] = true
	return nil, nil
}

// errNotRunning reports that nothing listens at an address.
func errNotRunning(address *url.URL) error {
	return fmt.Errorf("nothing listens at %s: start devhost run, or pass its address with --topic", address.Host)
}
