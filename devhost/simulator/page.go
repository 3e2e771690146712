package simulator

import (
	"io/fs"
	"net/http"
)

// policy allows the page to load its own files only, and makes the browser
// refuse to use text as HTML or as a script. The page shows a picture (blob:)
// before it is uploaded.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func (s *Simulator) servePage() {
	page, err := fs.Sub(files, "page")
	if err != nil {
		panic(err) // it is embedded
	}
	s.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		protect(w)
		http.ServeFileFS(w, r, page, "page.html")
	})
	assets := http.StripPrefix(Prefix, http.FileServerFS(page))
	s.mux.HandleFunc("GET "+Prefix+"{file}", func(w http.ResponseWriter, r *http.Request) {
		protect(w)
		assets.ServeHTTP(w, r)
	})
}

// protect sets the security headers of an answer.
func protect(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store") // devhost may be a newer one next time
}
