package download

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"whatsapp-functions/media/httperror"
)

var _ httperror.Own = (*hostError)(nil)

// Hosts are the hosts that requests may be sent to.
type Hosts struct {
	// Base is the address of the provider's API: its host and port are allowed.
	Base *url.URL
	// Names are more hosts, at the default port of https. A name that starts with a
	// dot allows all hosts below it.
	Names []string
}

// hostError reports that a URL must not be requested. It names the host and nothing
// else of the URL.
type hostError struct {
	host, why string
}

// Error implements error.
func (e *hostError) Error() string {
	return fmt.Sprintf("host %q is not requested: %s", e.host, e.why)
}

// Own implements [httperror.Own].
func (*hostError) Own() {}

// NonRetriable makes the pipeline return the error without a retry.
func (*hostError) NonRetriable() {}

// check returns an error unless the URL may be requested: with https at an allowed
// host, or with http if that host is this machine.
func (h Hosts) check(u *url.URL) error {
	refuse := func(why string) error { return &hostError{u.Host, why} }
	switch {
	case u.User != nil:
		return refuse("the URL has user information")
	case u.Scheme != "https" && (u.Scheme != "http" || !Loopback(u)):
		return refuse("the URL is not https")
	case strings.EqualFold(u.Host, h.Base.Host) && u.Scheme == h.Base.Scheme:
		return nil
	case u.Scheme == "https" && (u.Port() == "" || u.Port() == "443") && slices.ContainsFunc(h.Names, func(name string) bool { return matches(strings.ToLower(u.Hostname()), name) }):
		return nil
	default:
		return refuse("it is not in the list of allowed hosts")
	}
}

func matches(host, name string) bool {
	if strings.HasPrefix(name, ".") {
		return strings.HasSuffix(host, name) && len(host) > len(name)
	}
	return host == name
}

// Loopback reports whether the host of a URL is this machine.
func Loopback(u *url.URL) bool {
	return u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
}

// Endpoint parses the address of an API: https, or http on this machine.
func Endpoint(address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(strings.TrimSpace(address), "/"))
	switch {
	case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return nil, fmt.Errorf("not an address: write https://<host>")
	case u.Scheme == "https", u.Scheme == "http" && Loopback(u):
		return u, nil
	default:
		return nil, fmt.Errorf("not https: http is for this machine only")
	}
}
