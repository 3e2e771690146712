package transfer_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"whatsapp-functions/internal/testkit"
)

const (
	account = "1001"
	phoneID = "106540352242922"
	mediaID = "1908647269898587"
	token   = "EAA-SECRET-TOKEN"
)

// graph plays Meta: the API for media ids, and the server of the files.
type graph struct {
	*httptest.Server
	content []byte
	// lookup answers instead of the API, and file instead of the server of files, if
	// they are set. The number is that of the call, from 1.
	lookup, file func(w http.ResponseWriter, r *http.Request, call int)
	lookups      atomic.Int32
	files        atomic.Int32
}

// newGraph starts a server that sends the content.
func newGraph(t *testing.T, content []byte) *graph {
	t.Helper()
	g := &graph{content: content}
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	return g
}

func (g *graph) base(t *testing.T) *url.URL {
	t.Helper()
	base, err := url.Parse(g.URL + "/graph")
	testkit.Must(t, err)
	return base
}

// ServeHTTP answers GET /graph/v25.0/<media id> and GET /file, both with the token.
func (g *graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+token {
		http.Error(w, `{"error":{"message":"Invalid OAuth access token.","type":"OAuthException","code":190}}`, http.StatusUnauthorized)
		return
	}
	switch r.URL.Path {
	case "/graph/v25.0/" + mediaID:
		call := int(g.lookups.Add(1))
		if g.lookup != nil {
			g.lookup(w, r, call)
			return
		}
		if got := r.URL.Query().Get("phone_number_id"); got != phoneID {
			http.Error(w, "wrong phone_number_id "+got, http.StatusTeapot)
			return
		}
		g.found(w, nil)
	case "/file":
		call := int(g.files.Add(1))
		if g.file != nil {
			g.file(w, r, call)
			return
		}
		g.send(w)
	default:
		http.Error(w, "no such path "+r.URL.Path, http.StatusTeapot)
	}
}

// found answers a media id, with other values of some fields.
func (g *graph) found(w http.ResponseWriter, other map[string]string) {
	fields := map[string]string{
		"url":       fmt.Sprintf("%q", g.URL+"/file?hash=SECRET-IN-QUERY"),
		"mime_type": `"image/png"`, "sha256": `"` + hashOf(g.content) + `"`,
		"file_size": fmt.Sprint(len(g.content)), "id": `"` + mediaID + `"`,
	}
	var all []string
	for name, value := range fields {
		if changed, ok := other[name]; ok {
			value = changed
		}
		all = append(all, fmt.Sprintf("%q:%s", name, value))
	}
	_, _ = io.WriteString(w, "{"+strings.Join(all, ",")+"}")
}

// send sends the whole file.
func (g *graph) send(w http.ResponseWriter) {
	w.Header().Set("Content-Length", fmt.Sprint(len(g.content)))
	_, _ = w.Write(g.content)
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
