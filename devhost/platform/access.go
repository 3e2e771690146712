package platform

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"whatsapp-functions/devhost/host"
)

// access refuses requests that web sites make through a developer's browser. A
// browser sends them to this machine as to any other, with the site in Origin
// and Sec-Fetch-Site or, if the site's own name resolves to this machine, in
// Host. Programs send none of these headers.
type access struct {
	address string   // where devhost listens, host:port
	hosts   []string // other names of it
	origin  *http.CrossOriginProtection
}

// newAccess allows the names of the options, and the one under which GitHub
// Codespaces forwards the port.
func newAccess(o Options, address string) (*access, error) {
	a := &access{address: address, hosts: slices.Clone(o.AllowHosts), origin: http.NewCrossOriginProtection()}
	_, port, _ := net.SplitHostPort(address)
	environment := host.NewEnvironment(o.Environ, nil, nil)
	if domain := environment["GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN"]; environment["CODESPACES"] == "true" && domain != "" && environment["CODESPACE_NAME"] != "" {
		a.hosts = append(a.hosts, environment["CODESPACE_NAME"]+"-"+port+"."+domain)
	}
	for _, name := range a.hosts {
		if u, err := url.Parse("https://" + name); err != nil || u.Host != name || u.Port() != "" {
			return nil, fmt.Errorf("--allow-host %q: pass a host name without scheme, port and path", name)
		}
		for _, scheme := range []string{"https://", "http://"} {
			if err := a.origin.AddTrustedOrigin(scheme + name); err != nil {
				return nil, fmt.Errorf("--allow-host %q: %w", name, err)
			}
		}
	}
	return a, nil
}

// page protects the page. Its Host must be a name of devhost. A link on another
// site may lead to the page itself.
func (a *access) page(next http.Handler) http.Handler { return a.protect(next, true) }

// endpoint protects the webhook and the topic, which programs may call by any
// name, such as that of a container. Host matters where the response can be
// read, and in requests of browsers.
func (a *access) endpoint(next http.Handler) http.Handler { return a.protect(next, false) }

func (a *access) protect(next http.Handler, isPage bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
		isRead := r.Method == http.MethodGet || r.Method == http.MethodHead
		isLink := isPage && r.Method == http.MethodGet && r.URL.Path == "/" && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
		err := a.origin.Check(r)
		switch {
		case (isPage || isRead || site != "" || origin != "") && !a.isOwn(r, r.Host):
			err = a.unknownHost(r.Host)
		case err == nil && !isLink && !slices.Contains([]string{"", "none", "same-origin"}, site) && !a.isOwnOrigin(r, origin):
			err = errors.New("cross-origin request detected from Sec-Fetch-Site header")
		case err == nil && site == "" && origin != "" && !a.isOwnOrigin(r, origin):
			err = errors.New("cross-origin request detected from Origin header")
		}
		if err != nil {
			http.Error(w, "request refused: "+err.Error(), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// unknownHost returns the refusal of a host name: it shows which name to use, or
// how to allow this one.
func (a *access) unknownHost(host string) error {
	name, forwarder := nameOf(host), "it forwards a port to devhost"
	if strings.HasSuffix(name, ".devtunnels.ms") {
		forwarder = "it is your dev tunnel"
	} else if strings.HasSuffix(name, ".github.dev") {
		forwarder = "it is your codespace"
	}
	return fmt.Errorf("the Host header is %q: use http://%s/ or, if %s, start devhost with --allow-host %s", host, a.address, forwarder, name)
}

// isOwnOrigin reports whether an origin is this server as the request names it,
// or an allowed host.
func (a *access) isOwnOrigin(r *http.Request, origin string) bool {
	from, err := url.Parse(origin)
	return err == nil && (from.Host == r.Host && from.Host != "" || slices.ContainsFunc(a.hosts, func(name string) bool { return strings.EqualFold(name, from.Host) }))
}

// isOwn reports whether a host, with or without a port, is an allowed name, or
// one of this machine that a site can't have.
func (a *access) isOwn(r *http.Request, host string) bool {
	name := nameOf(host)
	if slices.ContainsFunc(append(a.hosts, "localhost", nameOf(a.address)), func(own string) bool { return strings.EqualFold(own, name) }) {
		return true
	}
	ip := net.ParseIP(name)
	// A server that listens on all addresses is the one that the request came to.
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ip != nil && (ip.IsLoopback() || ok && local.IP.Equal(ip))
}

func nameOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}
