// Package store keeps files in a container of Azure Blob Storage. A blob is written
// once, when the whole file has arrived and was verified.
package store

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"whatsapp-functions/media/httperror"
	"whatsapp-functions/media/request"
)

// The metadata of a blob that is whole. Names have no case.
const (
	metadataSHA256 = "sha256"
	metadataSize   = "size"
)

// attempts are the retries within a call. A block has 4 MB, so each of its attempts
// has a limit.
var attempts = policy.RetryOptions{MaxRetries: 3, RetryDelay: 500 * time.Millisecond, MaxRetryDelay: 10 * time.Second, TryTimeout: time.Minute}

// Store is a container.
type Store struct {
	name   string
	client *container.Client
}

// Name returns the container's name.
func (s *Store) Name() string { return s.name }

// State is what is in the container under a name.
type State struct {
	// Whole means that the blob is a whole file, which Stored describes.
	Whole  bool
	Stored request.Stored
	// etag is that of a blob that is not whole, or "" if there is none.
	etag azcore.ETag
}

// Find looks for a blob. A blob that another program wrote counts as not whole, and
// so does one with another hash than the one given, unless that is "".
func (s *Store) Find(ctx context.Context, name, sha256 string) (State, error) {
	properties, err := s.client.NewBlobClient(name).GetProperties(ctx, nil)
	switch {
	case bloberror.HasCode(err, bloberror.ContainerNotFound):
		return State{}, s.create(ctx)
	case bloberror.HasCode(err, bloberror.BlobNotFound):
		return State{}, nil
	case err != nil:
		return State{}, brief("look for the blob", err)
	}
	stored := request.Stored{Container: s.name, SHA256: request.Digest(metadata(properties.Metadata, metadataSHA256))}
	size, sizeErr := strconv.ParseInt(metadata(properties.Metadata, metadataSize), 10, 64)
	if properties.ETag == nil || properties.ContentLength == nil || properties.LastModified == nil {
		return State{}, errors.New("storage: look for the blob: the answer lacks a header")
	}
	stored.Size, stored.Modified = *properties.ContentLength, properties.LastModified.UTC()
	if properties.ContentType != nil {
		stored.MIMEType = *properties.ContentType
	}
	if stored.SHA256 == "" || sizeErr != nil || size != stored.Size || sha256 != "" && sha256 != stored.SHA256 {
		return State{etag: *properties.ETag}, nil
	}
	return State{Whole: true, Stored: stored}, nil
}

func metadata(all map[string]*string, name string) string {
	for key, value := range all {
		if strings.EqualFold(key, name) && value != nil {
			return *value
		}
	}
	return ""
}

// create creates the container, which a new storage account lacks.
func (s *Store) create(ctx context.Context) error {
	_, err := s.client.Create(ctx, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.ContainerAlreadyExists) {
		return brief("create the container", err)
	}
	return nil
}

// blockSize is how much of a file is in memory.
const blockSize = 4 << 20

// Put writes a blob from the content, which must return io.EOF only if it is whole
// and as announced. It replaces what Find found, and nothing newer: if there is
// another blob by now, Put returns an error.
func (s *Store) Put(ctx context.Context, name string, found State, content *Content, mimeType string) error {
	client := s.client.NewBlockBlobClient(name)
	conditions := &blob.ModifiedAccessConditions{}
	if found.etag != "" {
		conditions.IfMatch = &found.etag
	} else {
		none := azcore.ETagAny // no blob, whatever its tag
		conditions.IfNoneMatch = &none
	}
	contentType := mediaType(mimeType)
	_, err := client.UploadStream(ctx, content, &blockblob.UploadStreamOptions{
		BlockSize:   blockSize,
		Concurrency: 1,
		HTTPHeaders: &blob.HTTPHeaders{BlobContentType: &contentType},
		// The content fills it at its end. UploadStream sends it after that, with
		// the request that makes the blob visible.
		Metadata:         content.metadata,
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: conditions},
	})
	switch {
	case content.err != nil:
		return content.err
	case err != nil:
		return brief("write the blob", err)
	}
	return nil
}

// mediaType returns a MIME type as a header can have it.
func mediaType(text string) string {
	if _, _, err := mime.ParseMediaType(text); err != nil || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return "application/octet-stream"
	}
	return text
}

// brief returns an error of the storage account without the request's URL and
// headers, which the SDK adds.
func brief(operation string, err error) error {
	if answer, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return fmt.Errorf("storage: %s: status %d, code '%s'", operation, answer.StatusCode, answer.ErrorCode)
	}
	return fmt.Errorf("storage: %s: %w", operation, httperror.Brief(err))
}
