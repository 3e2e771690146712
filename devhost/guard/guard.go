// Package guard keeps web sites from driving a server that listens on the
// developer's own machine.
//
// A browser sends a site's requests to 127.0.0.1 as readily as anywhere else.
// It says where they come from: in Origin, in Sec-Fetch-Site and, if the site
// has its own name lead to 127.0.0.1, in Host. Programs that are no browsers
// say none of it, and pass.
package guard

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Guard knows which names are those of the server.
type Guard struct {
	// Address is where the server listens, host:port.
	Address string
}

// Page passes requests to next that are addressed to the server by a name of
// its own, and that no other site makes. A link on another site may lead to
// the page itself.
func (g Guard) Page(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.knows(r, r.Host) {
			refuse(w, fmt.Sprintf("Host is %q: open this page as http://%s/", r.Host, g.Address))
			return
		}
		isLink := r.Method == http.MethodGet && r.URL.Path == "/" && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
		if reason := g.foreign(r); reason != "" && !isLink {
			refuse(w, reason)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Endpoint passes requests to next that no other site makes. What is published
// or delivered may be addressed to any host, that of a tunnel or a container:
// what a browser sends then tells its origin. When it only asks it tells
// nothing to a site whose own name leads to this machine, so whoever asks must
// name the machine as [Guard.Page] wants it.
func (g Guard) Endpoint(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asks := r.Method == http.MethodGet || r.Method == http.MethodHead
		if asks && !g.knows(r, r.Host) {
			refuse(w, fmt.Sprintf("Host is %q: ask http://%s%s", r.Host, g.Address, r.URL.Path))
			return
		}
		if reason := g.foreign(r); reason != "" {
			refuse(w, reason)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// foreign is why a request is that of another site, or "".
func (g Guard) foreign(r *http.Request) string {
	if origin := r.Header.Get("Origin"); origin != "" {
		from, err := url.Parse(origin)
		if err != nil || from.Scheme != "http" || from.Host != r.Host || !g.knows(r, from.Host) {
			return fmt.Sprintf("Origin is %q: devhost takes no requests from web sites", origin)
		}
	}
	switch site := r.Header.Get("Sec-Fetch-Site"); site {
	case "", "none", "same-origin":
		return ""
	default:
		return fmt.Sprintf("Sec-Fetch-Site is %q: devhost takes no requests from web sites", site)
	}
}

// knows reports whether a host, with or without a port, is a name of this
// machine that no site can take for its own, or where the server listens.
func (g Guard) knows(r *http.Request, host string) bool {
	name := nameOf(host)
	if strings.EqualFold(name, "localhost") || strings.EqualFold(name, nameOf(g.Address)) {
		return true
	}
	ip := net.ParseIP(name)
	if ip == nil {
		return false
	}
	if ip.IsLoopback() {
		return true
	}
	// The server may listen on all addresses: it is one of those if the
	// request has come in by it.
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && local.IP.Equal(ip)
}

func nameOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

func refuse(w http.ResponseWriter, reason string) {
	http.Error(w, reason, http.StatusForbidden)
}
