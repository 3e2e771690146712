package main

import (
	"bytes"
	"context"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"time"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/devhost/mediaserver"
)

// transfers are the files that the media app stores: their size in MB, and how many
// at a time. Six is what its host.json allows.
var transfers = []struct{ megabytes, atOnce int }{{1, 1}, {16, 1}, {100, 1}, {100, 6}}

// mediaRounds is how often the files of a line are stored.
const mediaRounds = 3

// transfer is the result of storing a number of files at a time.
type transfer struct {
	megabytes, atOnce int
	// took is the median time until all are stored.
	took time.Duration
	peak int64 // bytes
	cpu  time.Duration
}

// media measures the media app as it ships, between a stand-in for Meta and Azurite on
// this machine.
func (b bench) media(ctx context.Context) (all []transfer, err error) {
	storage, err := azurite.Start(ctx, azurite.Options{Folder: ".", Data: filepath.Join(b.scratch, "azurite")})
	if err != nil {
		return nil, err
	}
	defer storage.Stop()
	files, err := mediaserver.OpenStore(filepath.Join(b.scratch, "files"))
	if err != nil {
		return nil, err
	}
	meta := httptest.NewServer(mediaserver.NewServer(files))
	defer meta.Close()
	environ := append(mediaserver.Environ(meta.URL), "FUNCTIONS_APP_ROOT_PATH=media", "MEDIA_META_TOKENS=bench", "ConversationStorage="+storage.Connection)
	for _, t := range transfers {
		file, err := files.Add(bytes.NewReader(make([]byte, t.megabytes<<20)), "video.mp4", "video/mp4")
		if err != nil {
			return nil, err
		}
		s, err := startWith(ctx, environ, b.programs.media())
		if err != nil {
			return nil, err
		}
		defer s.stop()
		result := transfer{megabytes: t.megabytes, atOnce: t.atOnce}
		var took []time.Duration
		for round := range mediaRounds {
			begin := time.Now()
			if err := s.storeAll(file, t.atOnce, fmt.Sprintf("%d/%d-%d", t.megabytes, t.atOnce, round)); err != nil {
				return nil, err
			}
			took = append(took, time.Since(begin))
		}
		result.took = median(took)
		if result.cpu, err = s.cpu(); err != nil {
			return nil, err
		}
		result.cpu /= time.Duration(mediaRounds * t.atOnce)
		if result.peak, err = s.peakMemory(); err != nil {
			return nil, err
		}
		b.log("media: %d MB, %d at a time: %s, peak memory %s", t.megabytes, t.atOnce, result.took, mebibytes(result.peak))
		all = append(all, result)
	}
	return all, nil
}

// storeAll makes the media app store a file as so many blobs at the same time.
func (s *server) storeAll(file mediaserver.File, atOnce int, folder string) error {
	failures := make(chan error, atOnce)
	for i := range atOnce {
		go func() { failures <- s.store(file, fmt.Sprintf("%s/%d.mp4", folder, i)) }()
	}
	var err error
	for range atOnce {
		err = errors.Join(err, <-failures)
	}
	return err
}

// store calls the media app with a media request, as the Functions host does.
func (s *server) store(file mediaserver.File, blob string) error {
	message := fmt.Sprintf(`{"specversion":"1.0","type":"conversation.media.requested.v1","id":"m:media","source":"urn:meta:whatsapp:1","subject":"m",`+
		`"data":{"eventId":"m","messageId":"m","channel":{"type":"whatsapp","id":"1"},"media":{"id":%q,"sha256":%q},"blob":%q}}`, file.ID, file.SHA256Hex, blob)
	once, err := jsontext.AppendQuote(nil, message)
	if err != nil {
		return err
	}
	twice, err := jsontext.AppendQuote(nil, once)
	if err != nil {
		return err
	}
	response, err := http.Post("http://"+s.address+"/MediaTrigger", "application/json", strings.NewReader(`{"Data":{"request":`+string(twice)+`},"Metadata":{}}`))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && !bytes.Contains(answer, []byte("conversation.media.stored.v1")) {
		err = fmt.Errorf("media: answered %s: %.200s", response.Status, answer)
	}
	return err
}

// writeMedia writes the figures in Markdown.
func writeMedia(out io.Writer, all []transfer) {
	fmt.Fprintf(out, `
## Media

The media app stores files: from a stand-in for Meta, into Azurite, on the same
machine, which all share its cores. Time is the median of %d rounds until all files
of a round are stored, peak memory that of the process after all rounds, processor
time that of the app for one file.

| file | at a time | time | peak memory | processor time |
|---|---|---|---|---|
`, mediaRounds)
	for _, t := range all {
		fmt.Fprintf(out, "| %d MiB | %d | %s | %s | %s |\n", t.megabytes, t.atOnce, duration(t.took), mebibytes(t.peak), duration(t.cpu))
	}
}
