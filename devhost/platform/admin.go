package platform

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/host"
)

// The host's endpoints for people (HostController.cs, FunctionsController.cs).
const (
	pathStatus    = "/admin/host/status"
	pathFunctions = "/admin/functions"
)

// hostStatus answers with the state of the hosts.
func (p *Platform) hostStatus(w http.ResponseWriter, _ *http.Request) {
	state := "Running"
	if !p.isReady() {
		state = "Starting"
	}
	reply(w, http.StatusOK, map[string]any{
		"id": "devhost", "state": state, "version": bridge.HostVersion, "processUptime": time.Since(p.started).Milliseconds(),
	})
}

// listFunctions answers with the functions of all apps.
func (p *Platform) listFunctions(w http.ResponseWriter, _ *http.Request) {
	list := []map[string]any{}
	for _, a := range p.Apps() {
		for _, f := range a.Functions {
			list = append(list, map[string]any{"name": f.Name, "trigger": f.Trigger.Type, "isDisabled": false})
		}
		for _, f := range a.Inactive {
			if !f.Unlisted {
				list = append(list, map[string]any{"name": f.Name, "trigger": f.TriggerType, "isDisabled": f.Disabled})
			}
		}
	}
	slices.SortFunc(list, func(a, b map[string]any) int { return strings.Compare(a["name"].(string), b["name"].(string)) })
	reply(w, http.StatusOK, list)
}

// inputLimit is how much a person may type.
const inputLimit = 10 << 20

// inputFunction calls a function with what a person typed,
//
//	{"input":"<an event in JSON, or the text of a queue message>"}
//
// and answers at once, also if the input can't be read: the result is only logged.
func (p *Platform) inputFunction(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if f, ok := p.runnerOf(name).App().Function(name); !ok || f.Route != nil {
		http.Error(w, fmt.Sprintf("cannot find function: '%s'", name), http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, inputLimit))
	var request struct {
		Input *string `json:"input"`
	}
	if err == nil {
		err = json.Unmarshal(body, &request)
	}
	if err != nil || request.Input == nil {
		p.log.Error().Msgf(`%s/%s: the invocation failed: the body must be {"input":"<an event in JSON, as text, or the text of a queue message>"}`, pathFunctions, name)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	if _, err := p.runnerOf(name).current.wait(r.Context()); err != nil {
		http.Error(w, host.ErrUnavailable.Error(), http.StatusServiceUnavailable)
		return
	}
	go func() {
		if err := p.Input(context.WithoutCancel(r.Context()), name, *request.Input); err != nil {
			p.log.Error().Msgf("%s/%s: %s", pathFunctions, name, err)
		}
	}()
	w.WriteHeader(http.StatusAccepted)
}

// Input calls a function once with what a person typed, and returns when its
// outputs are written: see [host.Host.Input].
func (p *Platform) Input(ctx context.Context, function, input string) error {
	h, err := p.runnerOf(function).current.wait(ctx)
	if err != nil {
		return err
	}
	return h.Input(ctx, function, input)
}

func reply(w http.ResponseWriter, status int, value any) {
	text, err := json.Marshal(value, json.Deterministic(true))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
