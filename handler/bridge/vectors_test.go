package bridge

import (
	"bytes"
	"encoding/json/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/lenient"
	"whatsapp-functions/internal/testkit"
)

// delivered returns the events of a request. It reads them into maps.
func delivered(t *testing.T, body string) []any {
	t.Helper()
	var request struct {
		Data struct {
			EventGridEvent any `json:"eventGridEvent"`
		}
	}
	if err := json.Unmarshal([]byte(body), &request); err != nil {
		t.Fatal(err)
	}
	switch value := request.Data.EventGridEvent.(type) {
	case string:
		var events []any
		if err := json.Unmarshal([]byte(value), &events); err != nil {
			t.Fatal(err)
		}
		return events
	default:
		return []any{value}
	}
}

func TestRequestsOfTheHost(t *testing.T) {
	for _, v := range testkit.ReadVectors(t, "requests", 20)[:17] { // then come two of queue triggers, and the probe
		t.Run(v.Name, func(t *testing.T) {
			var got []any
			var log bytes.Buffer
			s := newServer(&log, func(event lenient.Value, _ *Results) *Rejection {
				var value any
				if err := json.Unmarshal([]byte(event), &value); err != nil {
					t.Error(err)
				}
				got = append(got, value)
				return nil
			})
			s.App.functions["AcsMessageEvents"] = &boundFunction{Function: s.App.functions["Fake"].Function, trigger: "eventGridEvent"}

			w := request(t, s, v.Request.Method, v.Request.Path, strings.NewReader(v.Request.Body))
			if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" || w.Body.String() != `{"Outputs":{}}` {
				t.Errorf("answer %d, %s: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
			}
			if diff := cmp.Diff(delivered(t, v.Request.Body), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadinessProbe(t *testing.T) {
	v := testkit.ReadVectors(t, "requests", 20)[19]
	var log bytes.Buffer
	s := newServer(&log, nil)
	for _, method := range []string{v.Request.Method, http.MethodHead} {
		if w := request(t, s, method, v.Request.Path, nil); w.Code != http.StatusOK || w.Body.Len() != 0 {
			t.Errorf("%s: answer %d: %s", method, w.Code, w.Body)
		}
	}
	if log.Len() > 0 {
		t.Errorf("it was logged: %s", &log)
	}
}
