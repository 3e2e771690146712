package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
)

// allocations returns how often a call with this event allocates memory, with the
// request and the recorder of the test.
func allocations(t *testing.T, server http.Handler, event string) float64 {
	t.Helper()
	body := `{"Data":{"eventGridEvents":` + event + `},"Metadata":{}}`
	return testing.AllocsPerRun(1000, func() {
		w := httptest.NewRecorder()
		server.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/"+receiver, strings.NewReader(body)))
		if w.Code != http.StatusOK {
			t.Fatal(w.Body)
		}
	})
}

// An app that binds mediaRequests allocates no more for a message without a file. For
// one with a file, the request and the name of the blob cost a few allocations.
func TestAllocationsWithMediaRequests(t *testing.T) {
	without := serveApp(t, testkit.AppFolder(t), io.Discard)
	with := serveApp(t, testkit.AppFolder(t, mediaRequests()...), io.Discard)
	for name, most := range map[string]float64{"ce_received_text": 1, "eg_received_reaction": 1, "ce_received_image_datacontenttype": 10, "eg_received_document": 10} {
		event := string(sample(t, name)[0])
		before, after := allocations(t, without, event), allocations(t, with, event)
		t.Logf("%s: %.0f allocations, %.0f with mediaRequests", name, before, after)
		if after-before > most { // the pool of the server makes a difference of one
			t.Errorf("%s: %.0f allocations with mediaRequests, %.0f without: at most %.0f more are allowed", name, after, before, most)
		}
	}
}
