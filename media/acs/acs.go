// Package acs gets files from Azure Communication Services Advanced Messaging,
// https://learn.microsoft.com/rest/api/communication/advancedmessaging/stream/get-media.
package acs

import (
	"context"
	"fmt"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"whatsapp-functions/media/download"
	"whatsapp-functions/media/request"
)

const (
	apiVersion = "2024-08-30"
	// scope is that of tokens of Microsoft Entra ID.
	scope = "https://communication.azure.com/.default"
)

// Provider gets files from one resource.
type Provider struct {
	endpoint *url.URL
	client   *download.Client
}

// NewWithKey returns a provider that signs requests.
func NewWithKey(c Connection, o download.Options) *Provider {
	return newProvider(c.Endpoint, o, signPolicy{c.Key})
}

// NewWithToken returns a provider that sends tokens of Microsoft Entra ID.
func NewWithToken(endpoint *url.URL, credential azcore.TokenCredential, o download.Options) *Provider {
	return newProvider(endpoint, o, runtime.NewBearerTokenPolicy(credential, []string{scope},
		&policy.BearerTokenOptions{InsecureAllowCredentialWithHTTP: download.Loopback(endpoint)}))
}

func newProvider(endpoint *url.URL, o download.Options, authentication policy.Policy) *Provider {
	return &Provider{endpoint, download.New(download.Hosts{Base: endpoint}, o, authentication)}
}

// Open requests a file. The error is a [request.Failure] if a retry would not change
// it.
func (p *Provider) Open(ctx context.Context, r *request.Request) (*download.File, error) {
	address := p.endpoint.JoinPath("messages", "streams", url.PathEscape(r.Media.ID))
	address.RawQuery = url.Values{"api-version": {apiVersion}}.Encode()
	response, err := p.client.Get(ctx, address, nil)
	if err != nil {
		return nil, fmt.Errorf("the file: %w", err)
	}
	if err := download.Status(response); err != nil {
		_ = response.Body.Close()
		return nil, err
	}
	return download.NewFile(response), nil
}
