package main

import (
	"bytes"
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// events is a blob with events, some of them of the person.
type events struct {
	container, name string
	// kept is the content without the person's events. It is nil if all are the
	// person's.
	kept     []byte
	tag      *azcore.ETag
	headers  blob.HTTPHeaders
	metadata map[string]*string
}

// readEvents finds the blobs with events of the person.
func (s *search) readEvents(ctx context.Context) error {
	for _, name := range s.eventContainers {
		client := s.account.blobs.ServiceClient().NewContainerClient(name)
		pager := client.NewListBlobsFlatPager(nil)
		for pager.More() {
			page, err := pager.NextPage(ctx)
			if isCode(err, string(bloberror.ContainerNotFound)) {
				break
			}
			if err != nil {
				return fmt.Errorf("container %s: %w", name, brief(err))
			}
			for _, item := range page.Segment.BlobItems {
				if item.Name == nil || item.Properties == nil || item.Properties.ContentLength == nil || *item.Properties.ContentLength == 0 {
					continue // 0 bytes are left of an invocation that failed
				}
				if err := s.readBlob(ctx, client, name, *item.Name); err != nil {
					s.problems = append(s.problems, fmt.Errorf("container %s: blob %s: %w", name, *item.Name, brief(err)))
				}
			}
		}
	}
	return nil
}

func (s *search) readBlob(ctx context.Context, client *container.Client, containerName, name string) error {
	response, err := client.NewBlobClient(name).DownloadStream(ctx, nil)
	if isNotFound(err) {
		return nil // deleted since it was listed
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	place := "container " + containerName
	var lines []jsontext.Value
	kept, err := without(content, func(entry jsontext.Value) bool {
		event := eventOf(entry)
		if !s.concerns(place, readEvent(event), string(entry)) {
			return false
		}
		lines = append(lines, line("container", containerName, "blob", name, "event", compact(entry)))
		return true
	})
	if err != nil {
		if !s.person.mentioned(string(content)) {
			return nil
		}
		return fmt.Errorf("it names the person, but is not a JSON array of events or a document of rejected events: %w", err)
	}
	if len(lines) > 0 {
		s.found = append(s.found, finding{place: place, lines: lines, events: &events{
			container: containerName, name: name, kept: kept, tag: response.ETag, metadata: response.Metadata,
			headers: blob.HTTPHeaders{BlobContentType: response.ContentType, BlobContentEncoding: response.ContentEncoding, BlobCacheControl: response.CacheControl, BlobContentDisposition: response.ContentDisposition, BlobContentLanguage: response.ContentLanguage},
		}})
	}
	return nil
}

// compact returns a value on one line.
func compact(value jsontext.Value) jsontext.Value {
	value = value.Clone()
	_ = value.Compact(tolerant)
	return value
}

// eventOf returns the event of an entry of a document of rejected events, and a dead
// letter unchanged.
func eventOf(entry jsontext.Value) jsontext.Value {
	var rejected struct {
		Event jsontext.Value `json:"event"`
		Text  string         `json:"text"`
	}
	if json.Unmarshal(entry, &rejected, tolerant) != nil {
		return entry
	}
	switch {
	case rejected.Event != nil:
		return rejected.Event
	case rejected.Text != "":
		return jsontext.Value(rejected.Text)
	default:
		return entry
	}
}

// without returns the content of a blob without the events that drop chooses: an
// array of events, a single one, or a document with the array events. Everything
// else stays the same, byte for byte. The result is nil if no event is left.
func without(content []byte, drop func(event jsontext.Value) bool) ([]byte, error) {
	start := len(content) - len(bytes.TrimPrefix(content, []byte("\ufeff")))
	decoder := jsontext.NewDecoder(bytes.NewReader(content[start:]), tolerant)
	if decoder.PeekKind() == jsontext.KindBeginObject {
		found, err := seekEvents(decoder)
		if err != nil {
			return nil, err
		}
		if !found {
			if drop(jsontext.Value(content[start:])) {
				return nil, nil
			}
			return content, nil
		}
	}
	if _, err := decoder.ReadToken(); err != nil { // the start of the array
		return nil, err
	}
	list := start + int(decoder.InputOffset())
	var kept [][]byte
	dropped := 0
	for decoder.PeekKind() != jsontext.KindEndArray {
		event, err := decoder.ReadValue()
		if err != nil {
			return nil, err
		}
		end := start + int(decoder.InputOffset())
		if drop(event.Clone()) {
			dropped++
		} else {
			kept = append(kept, content[end-len(event):end])
		}
	}
	end := start + int(decoder.InputOffset())
	// The rest must be readable too.
	if _, err := decoder.ReadToken(); err != nil {
		return nil, err
	}
	for {
		if _, err := decoder.ReadToken(); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
	}
	switch {
	case dropped == 0:
		return content, nil
	case len(kept) == 0:
		return nil, nil
	}
	return slices.Concat(content[:list], bytes.Join(kept, []byte{','}), content[end:]), nil
}

// seekEvents reads an object up to the value of its field events, an array.
func seekEvents(decoder *jsontext.Decoder) (found bool, err error) {
	if _, err := decoder.ReadToken(); err != nil {
		return false, err
	}
	for decoder.PeekKind() != jsontext.KindEndObject {
		name, err := decoder.ReadToken()
		if err != nil {
			return false, err
		}
		if name.String() == "events" && decoder.PeekKind() == jsontext.KindBeginArray {
			return true, nil
		}
		if err := decoder.SkipValue(); err != nil {
			return false, err
		}
	}
	return false, nil
}

// deleteEvents replaces a blob by one without the person's events, or deletes it if
// no others are in it. It fails if the blob has changed since it was read.
func (s *search) deleteEvents(ctx context.Context, e *events) error {
	client := s.account.blobs.ServiceClient().NewContainerClient(e.container).NewBlockBlobClient(e.name)
	unchanged := &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: e.tag}}
	var err error
	if e.kept == nil {
		_, err = client.Delete(ctx, &blob.DeleteOptions{AccessConditions: unchanged})
	} else {
		_, err = client.Upload(ctx, streaming.NopCloser(bytes.NewReader(e.kept)), &blockblob.UploadOptions{AccessConditions: unchanged, HTTPHeaders: &e.headers, Metadata: e.metadata})
	}
	if err != nil && !isNotFound(err) {
		return fmt.Errorf("container %s: blob %s: %w", e.container, e.name, brief(err))
	}
	return nil
}
