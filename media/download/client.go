// Package download requests files over HTTP from a list of allowed hosts. It limits
// how long a server may be silent, not how long a file may take.
package download

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"whatsapp-functions/media/httperror"
)

const (
	// connectTimeout limits the dialling, and again the TLS handshake.
	connectTimeout = 10 * time.Second
	// silence is how long a server may send nothing: before its answer, and within
	// the body.
	silence = 30 * time.Second
	// redirects is the maximum number of redirects of a request.
	redirects = 3
)

// retry is for short interruptions. Longer ones are left to the host, which calls
// the function again after a pause: a call that waits keeps others waiting.
var retry = policy.RetryOptions{MaxRetries: 2, RetryDelay: 500 * time.Millisecond, MaxRetryDelay: 5 * time.Second}

// Client requests files from one provider.
type Client struct {
	hosts    Hosts
	silence  time.Duration
	pipeline runtime.Pipeline
}

// Options change a client. The zero value is for production.
type Options struct {
	// Silence is how long a server may send nothing.
	Silence time.Duration
	// RetryDelay is the first pause between two requests. A negative one means none.
	RetryDelay time.Duration
}

// New returns a client. Policies authenticate each request; policies that add a
// token must be sure that no redirect passes it on.
func New(hosts Hosts, o Options, policies ...policy.Policy) *Client {
	if o.Silence == 0 {
		o.Silence = silence
	}
	attempts := retry
	if o.RetryDelay != 0 {
		attempts.RetryDelay = o.RetryDelay
	}
	return &Client{hosts: hosts, silence: o.Silence, pipeline: runtime.NewPipeline("media", "v1",
		runtime.PipelineOptions{PerRetry: append(policies, logPolicy{})},
		// Meta's servers for files refuse requests without a User-Agent, which the
		// pipeline's telemetry policy sends.
		&policy.ClientOptions{Retry: attempts, Transport: newTransport(hosts, o.Silence)},
	)}
}

// Get requests a URL. The caller must close the body. The error names no more than
// the host.
func (c *Client) Get(ctx context.Context, u *url.URL, header http.Header) (*http.Response, error) {
	if err := c.hosts.check(u); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	request, err := runtime.NewRequest(ctx, http.MethodGet, u.String())
	if err != nil {
		cancel()
		return nil, errors.New("not a URL")
	}
	for name, values := range header {
		request.Raw().Header[name] = values
	}
	runtime.SkipBodyDownload(request)
	response, err := c.pipeline.Do(request)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("host %s: %w", u.Host, httperror.Brief(err))
	}
	response.Body = &body{from: response.Body, silence: c.silence, cancel: cancel}
	return response, nil
}

// transport sends one request, and follows its redirects.
type transport struct {
	client *http.Client
}

func newTransport(hosts Hosts, silence time.Duration) transport {
	return transport{&http.Client{
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: connectTimeout}).DialContext,
			TLSHandshakeTimeout:   connectTimeout,
			ResponseHeaderTimeout: silence,
			ForceAttemptHTTP2:     true,
			// A file is stored byte for byte.
			DisableCompression: true,
			IdleConnTimeout:    90 * time.Second,
		},
		// net/http sends Authorization on to the same host only.
		CheckRedirect: func(request *http.Request, via []*http.Request) error {
			if len(via) > redirects {
				return &hostError{request.URL.Host, "too many redirects"}
			}
			return hosts.check(request.URL)
		},
	}}
}

// Do implements [policy.Transporter].
func (t transport) Do(request *http.Request) (*http.Response, error) {
	response, err := t.client.Do(request)
	if err != nil {
		return nil, httperror.Brief(err)
	}
	return response, nil
}
