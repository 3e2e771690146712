// Package transfer has the app's one function: it stores the file of a request and
// reports the result.
package transfer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/media/download"
	"whatsapp-functions/media/meta"
	"whatsapp-functions/media/request"
	"whatsapp-functions/media/store"
)

// Name is the name of the function and of its folder.
const Name = "MediaTrigger"

// output is the queue of the results.
const output = "mediaResults"

// timeLimit ends a call before functionTimeout in host.json, at which the host would
// end the process and every other call with it. 100 MB in 25 minutes are 70 KB/s.
const timeLimit = 25 * time.Minute

// Provider gets a file.
type Provider interface {
	Open(ctx context.Context, r *request.Request) (*download.File, error)
}

// Transfer stores files.
type Transfer struct {
	// Meta gets the files of messages from Meta, ACS those of all others. Either
	// may be nil.
	Meta, ACS Provider
	Store     *store.Store
	// MaxSize is the maximum size of a file in bytes.
	MaxSize int64
}

// Function returns the function.
func (t *Transfer) Function() bridge.Function {
	return bridge.Function{
		Name:    Name,
		Trigger: bridge.QueueTrigger,
		Outputs: []bridge.Output{{Name: output, Kind: bridge.Queue, Every: "results"}},
		Process: t.process,
	}
}

// process handles one message of the queue. The error is one that may be different
// at the next call, or a message that is not a request.
func (t *Transfer) process(ctx context.Context, message string, results *bridge.Results) error {
	r, err := request.Decode(message)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	stored, err := t.ensure(ctx, r)
	if failure, ok := errors.AsType[*request.Failure](err); ok {
		t.report(ctx, failure, results)
		r.WriteFailed(results.New(output), failure)
		return nil
	}
	if err != nil {
		return err
	}
	results.Count("media", "stored")
	r.WriteStored(results.New(output), stored)
	return nil
}

// report logs a failure. The completion line counts it by its reason.
func (t *Transfer) report(ctx context.Context, f *request.Failure, results *bridge.Results) {
	results.Count("media", "failed")
	results.Count("reasons", string(f.Reason))
	results.Warn()
	if f.Reason == request.Forbidden {
		zerolog.Ctx(ctx).Error().Int("status", f.Status).Str("detail", f.Detail).Msg("access to media refused")
	}
}

// ensure returns the blob of a request, and stores it first if it is not there.
//
// Two calls for the same request may run at once. One of them makes its blob visible,
// and the other one then fails to. So what counts is what is in the container at the
// end: both calls return the same blob.
func (t *Transfer) ensure(ctx context.Context, r *request.Request) (request.Stored, error) {
	found, err := t.Store.Find(ctx, r.Blob, r.Media.SHA256)
	if err != nil || found.Whole {
		return found.Stored, err
	}
	failure := t.transfer(ctx, r, found)
	found, err = t.Store.Find(ctx, r.Blob, r.Media.SHA256)
	switch {
	case err == nil && found.Whole:
		return found.Stored, nil
	case failure != nil:
		return request.Stored{}, failure
	case err != nil:
		return request.Stored{}, err
	default:
		return request.Stored{}, errors.New("the blob was deleted right after it was stored")
	}
}

// transfer downloads the file of a request into its blob. If the file is not the one
// that was announced, it is requested once more.
func (t *Transfer) transfer(ctx context.Context, r *request.Request, found store.State) error {
	err := t.once(ctx, r, found)
	if failure, ok := errors.AsType[*request.Failure](err); ok && failure.Reason == request.Mismatch {
		zerolog.Ctx(ctx).Warn().Str("detail", failure.Detail).Msg("the file is requested again")
		err = t.once(ctx, r, found)
	}
	return err
}

func (t *Transfer) once(ctx context.Context, r *request.Request, found store.State) error {
	provider, err := t.provider(r)
	if err != nil {
		return err
	}
	file, err := provider.Open(ctx, r)
	if err != nil {
		return err
	}
	defer file.Body.Close()
	if err := t.limit(file.Size); err != nil {
		return err
	}
	announced := file.SHA256
	if r.Media.SHA256 != "" {
		announced = r.Media.SHA256
	}
	content := store.NewContent(file.Body, t.limit, func(size int64, sha256 string) error {
		switch {
		case file.Size >= 0 && size != file.Size:
			return mismatch("The provider announced %d bytes and sent %d.", file.Size, size)
		case announced != "" && sha256 != announced:
			return mismatch("The SHA-256 hash of the %d bytes that the provider sent is not the one that it announced.", size)
		}
		return nil
	})
	mimeType := r.Media.MIMEType
	if mimeType == "" {
		mimeType = file.MIMEType
	}
	return t.Store.Put(ctx, r.Blob, found, content, mimeType)
}

func (t *Transfer) provider(r *request.Request) (Provider, error) {
	switch fromMeta := meta.Sent(r); {
	case fromMeta && t.Meta != nil:
		return t.Meta, nil
	case fromMeta:
		return nil, errors.New("a request for a file of Meta: set MEDIA_META_TOKENS")
	case t.ACS != nil:
		return t.ACS, nil
	default:
		return nil, errors.New("a request for a file of Azure Communication Services: set MEDIA_ACS_CONNECTION_STRING or MEDIA_ACS_ENDPOINT")
	}
}

func (t *Transfer) limit(size int64) error {
	if size <= t.MaxSize {
		return nil
	}
	return &request.Failure{Reason: request.TooLarge, Detail: fmt.Sprintf("The file is larger than the limit of this app, %d bytes.", t.MaxSize)}
}

func mismatch(format string, args ...any) error {
	return &request.Failure{Reason: request.Mismatch, Detail: fmt.Sprintf(format, args...)}
}
