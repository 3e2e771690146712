package platform

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/eventgrid"
)

const (
	// metaRoute is the route of the function that takes webhooks of Meta.
	metaRoute = "whatsapp"
	// metaSecrets is the setting with the secrets that Meta signs with, separated
	// by commas.
	metaSecrets = "META_APP_SECRETS"
)

// metaTarget returns where Meta delivers webhooks, or what the app lacks.
func (p *Platform) metaTarget() (eventgrid.Target, error) {
	a := p.App()
	if a == nil {
		return eventgrid.Target{}, errors.New("the app is not ready")
	}
	return p.metaTargetOf(a)
}

// metaTargetOf is metaTarget for an app. If only the secret is missing, the target
// has all but that.
func (p *Platform) metaTargetOf(a *app.App) (eventgrid.Target, error) {
	path := "/" + metaRoute
	if prefix := a.Host.HTTP.RoutePrefix; prefix != "" {
		path = "/" + prefix + path
	}
	function, _, ok := a.FindRoute(http.MethodPost, path)
	if !ok {
		return eventgrid.Target{}, fmt.Errorf("no function of the app takes webhooks of Meta: it needs an HTTP trigger with the route %s", metaRoute)
	}
	target := eventgrid.Target{Function: function.Name, URL: p.URL() + path}
	secrets, _ := a.Setting(metaSecrets)
	for secret := range strings.SplitSeq(secrets, ",") {
		if target.Secret = strings.TrimSpace(secret); target.Secret != "" {
			return target, nil
		}
	}
	return target, fmt.Errorf("the app has no setting %s, with the secret that Meta signs with: add it to local.settings.json", metaSecrets)
}

// MetaFunction returns the function that takes webhooks of Meta, or "".
func (p *Platform) MetaFunction() string {
	target, err := p.metaTarget()
	if err != nil {
		return ""
	}
	return target.Function
}
