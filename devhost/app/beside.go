package app

import (
	"fmt"
	"strings"
)

// CheckBeside returns an error if another app can't run at the same address and
// with the same storage account: it has a function of the same name, a function
// with the same route, or another encoding of queue messages.
func (a *App) CheckBeside(other *App) error {
	for _, f := range a.Functions {
		for _, g := range other.Functions {
			if strings.EqualFold(f.Name, g.Name) {
				return fmt.Errorf("%s and %s both have the function %s: rename one of them", a.Root, other.Root, f.Name)
			}
			if strings.EqualFold(a.Host.HTTP.RoutePrefix, other.Host.HTTP.RoutePrefix) && f.Route.conflicts(g.Route) {
				return fmt.Errorf("%s of %s and %s of %s have the same route %q: change one of them", f.Name, a.Root, g.Name, other.Root, f.Route.Template)
			}
		}
	}
	if a.Host.Queues.Text != other.Host.Queues.Text {
		return fmt.Errorf("%s and %s differ in extensions.queues.messageEncoding of host.json: they share their queues", a.Root, other.Root)
	}
	return nil
}
