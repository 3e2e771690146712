package host

import (
	"cmp"
	"crypto/rand"
	"encoding/json/v2"
	"errors"
	"io/fs"
	"net/http"
	"os"

	"whatsapp-functions/devhost/bridge"
)

// Keys are the access keys of a function app.
type Keys struct {
	// Master opens everything.
	Master string `json:"master"`
	// EventGrid is the system key eventgrid_extension, for the webhook.
	EventGrid string `json:"eventgrid_extension"`
	// Function is a function key. It opens HTTP triggers only.
	Function string `json:"function"`
}

// OpenKeys reads the keys from a file, or creates them.
func OpenKeys(file string) (*Keys, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		k := &Keys{Master: rand.Text(), EventGrid: rand.Text(), Function: rand.Text()}
		if text, err = json.Marshal(k); err != nil {
			return nil, err
		}
		return k, os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return nil, err
	}
	k := new(Keys)
	return k, json.Unmarshal(text, k)
}

func (k *Keys) eventGrid() string {
	if k == nil {
		return ""
	}
	return k.EventGrid
}

// CheckMaster returns the status for a request that needs the master key.
func (k *Keys) CheckMaster(r *http.Request) int { return k.check(r, "") }

// check returns 200 for a request with the master key or another allowed one,
// 403 for one with a key of the app that is not allowed, and otherwise 401.
// Without keys everything is allowed.
func (k *Keys) check(r *http.Request, allowed string) int {
	if k == nil {
		return http.StatusOK
	}
	switch requestKey(r) {
	case "":
		return http.StatusUnauthorized
	case k.Master, allowed:
		return http.StatusOK
	case k.EventGrid, k.Function:
		return http.StatusForbidden
	default:
		return http.StatusUnauthorized
	}
}

// requestKey returns the access key in a request.
func requestKey(r *http.Request) string {
	return cmp.Or(r.Header.Get("x-functions-key"), parameter(r.URL, "code"))
}

// checkFunction returns the status for a request of an HTTP function.
func (k *Keys) checkFunction(r *http.Request, authLevel string) int {
	switch {
	case k == nil || authLevel == "anonymous":
		return http.StatusOK
	case requestKey(r) == k.EventGrid: // it is known to the webhook only
		return http.StatusUnauthorized
	case authLevel == "function":
		return k.check(r, k.Function)
	default:
		return k.check(r, "")
	}
}

// identity returns the caller of an HTTP function by the key in the request.
func (k *Keys) identity(r *http.Request) bridge.KeyIdentity {
	switch key := requestKey(r); {
	case k == nil || key == "":
	case key == k.Master:
		return bridge.KeyIdentity{AuthLevel: "Admin", KeyID: "master"}
	case key == k.Function:
		return bridge.KeyIdentity{AuthLevel: "Function", KeyID: "default"}
	}
	return bridge.KeyIdentity{}
}
