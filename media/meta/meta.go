// Package meta gets files from Meta's Cloud API,
// https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media.
package meta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"whatsapp-functions/media/download"
	"whatsapp-functions/media/request"
)

// The settings of Meta's API.
const (
	// URL is the address of the Graph API.
	URL = "https://graph.facebook.com"
	// Version is the version of the Graph API.
	Version = "v25.0"
)

// sourcePrefix starts the source of messages from Meta. The id of the WhatsApp
// Business Account follows.
const sourcePrefix = "urn:meta:whatsapp:"

// hosts are those on which Meta keeps files.
var hosts = []string{"graph.facebook.com", ".fbsbx.com", ".fbcdn.net", ".whatsapp.net"}

// Sent reports whether the message of a request came from Meta.
func Sent(r *request.Request) bool { return strings.HasPrefix(r.Source, sourcePrefix) }

// Provider gets files from Meta.
type Provider struct {
	base   *url.URL
	tokens Tokens
	client *download.Client
}

// New returns a provider.
func New(base *url.URL, version string, tokens Tokens, o download.Options) *Provider {
	return &Provider{
		base:   base.JoinPath(version),
		tokens: tokens,
		client: download.New(download.Hosts{Base: base, Names: hosts}, o),
	}
}

// Open asks for the URL of a file and requests the file. A URL is valid for five
// minutes: one that is not found is asked for again, once. The error is a
// [request.Failure] if a retry would not change it.
func (p *Provider) Open(ctx context.Context, r *request.Request) (*download.File, error) {
	account := strings.TrimPrefix(r.Source, sourcePrefix)
	token := p.tokens.of(account)
	if token == "" {
		return nil, errors.New("no token for the WhatsApp Business Account of a request: add it to MEDIA_META_TOKENS")
	}
	file, err := p.open(ctx, r, token)
	if failure, ok := errors.AsType[*fileError](err); ok && failure.gone() {
		file, err = p.open(ctx, r, token)
	}
	if failure, ok := errors.AsType[*fileError](err); ok {
		err = failure.error
	}
	return file, err
}

// fileError is the error of the file, as opposed to that of its URL.
type fileError struct{ error }

func (e *fileError) gone() bool {
	failure, ok := errors.AsType[*request.Failure](e.error)
	return ok && failure.Reason == request.Gone
}

func (p *Provider) open(ctx context.Context, r *request.Request, token string) (*download.File, error) {
	found, err := p.find(ctx, r, token)
	if err != nil {
		return nil, err
	}
	response, err := p.client.Get(ctx, found.url, bearer(token))
	if err != nil {
		return nil, fmt.Errorf("the file: %w", err)
	}
	if err := download.Status(response); err != nil {
		_ = response.Body.Close()
		return nil, &fileError{err}
	}
	file := download.NewFile(response)
	file.SHA256 = found.sha256
	if found.mimeType != "" {
		file.MIMEType = found.mimeType
	}
	if found.size >= 0 {
		file.Size = found.size
	}
	return file, nil
}

// find asks for the URL of a file.
func (p *Provider) find(ctx context.Context, r *request.Request, token string) (found location, err error) {
	address := p.base.JoinPath(url.PathEscape(r.Media.ID))
	if r.Channel.ID != "" {
		address.RawQuery = url.Values{"phone_number_id": {r.Channel.ID}}.Encode()
	}
	response, err := p.client.Get(ctx, address, bearer(token))
	if err != nil {
		return found, fmt.Errorf("the file's URL: %w", err)
	}
	defer response.Body.Close()
	text, err := readAnswer(response.Body)
	if err != nil {
		return found, fmt.Errorf("the file's URL: %w", err)
	}
	if response.StatusCode == http.StatusOK {
		return decodeLocation(text)
	}
	return found, graphError(response, text)
}

func bearer(token string) http.Header {
	return http.Header{"Authorization": {"Bearer " + token}}
}
