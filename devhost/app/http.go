package app

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"whatsapp-functions/devhost/dotnet"
)

// HTTPTrigger is the type of the triggers that HTTP requests invoke, httpOutput
// that of the outputs that answer them.
const (
	HTTPTrigger = "httpTrigger"
	httpOutput  = "http"
)

// HTTP is the section extensions.http of host.json.
type HTTP struct {
	// RoutePrefix is the first part of the path of HTTP functions, such as
	// "api", without slashes.
	RoutePrefix string
	// MaxOutstanding is the largest number of requests at the same time;
	// negative for no limit.
	MaxOutstanding int
}

func readHTTP(extensions section) HTTP {
	s := extensions.section("http")
	h := HTTP{RoutePrefix: strings.Trim(s.string("routePrefix", "api"), "/"), MaxOutstanding: s.int("maxOutstandingRequests", -1, -1, 1<<30)}
	// The host counts requests that wait for another one as outstanding.
	if s.int("maxConcurrentRequests", -1, -1, 1<<30) > 0 {
		s.warn("maxConcurrentRequests", "is ignored: devhost lets no request wait for another one")
	}
	return h
}

// Route is the address of a function with an HTTP trigger.
type Route struct {
	// Template is relative to the route prefix, such as "orders/{id:int?}".
	Template string
	// Methods are in upper case; empty means all.
	Methods []string
	// AuthLevel is anonymous, function or admin.
	AuthLevel string

	segments []routeSegment
}

// routeSegment is a literal, or a parameter if name is set.
type routeSegment struct {
	literal, name, otherwise string
	optional, rest           bool
	constraint               *regexp.Regexp
}

// routeParameter is {name}, {name?}, {name=default}, {name:constraint} or {*name}.
var routeParameter = regexp.MustCompile(`^\{(\*{0,2})([A-Za-z0-9_]+)((?::[^:=?{}]+)*)(?:=([^?}]*))?(\?)?\}$`)

// constraints are the route constraints that devhost checks.
var constraints = map[string]*regexp.Regexp{
	"int":   regexp.MustCompile(`^[+-]?\d{1,10}$`),
	"long":  regexp.MustCompile(`^[+-]?\d{1,19}$`),
	"alpha": regexp.MustCompile(`^[A-Za-z]*$`),
	"bool":  regexp.MustCompile(`^(?i:true|false)$`),
	"guid":  regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`),
}

func readRoute(b Binding, function string) *Route {
	r := &Route{
		Template:  strings.Trim(cmp.Or(b.Text("route"), function), "/"),
		AuthLevel: b.fields.oneOf("authLevel", "function", "anonymous", "function", "admin"),
	}
	for _, method := range b.fields.strings("methods") {
		r.Methods = append(r.Methods, strings.ToUpper(method))
	}
	if strings.HasPrefix(strings.ToLower(r.Template), "admin") {
		b.fields.fault("route", fmt.Sprintf("is %q: routes that start with admin are the host's own", r.Template))
	}
	for part := range strings.SplitSeq(r.Template, "/") {
		parts := routeParameter.FindStringSubmatch(part)
		if parts == nil && strings.ContainsAny(part, "{}") {
			b.fields.fault("route", fmt.Sprintf("has the segment %q: devhost supports only whole segments as parameters, such as {id}", part))
			continue
		}
		if parts == nil {
			r.segments = append(r.segments, routeSegment{literal: part})
			continue
		}
		s := routeSegment{name: parts[2], otherwise: parts[4], optional: parts[5] != "" || parts[4] != "", rest: parts[1] != ""}
		for constraint := range strings.SplitSeq(strings.TrimPrefix(parts[3], ":"), ":") {
			if s.constraint = constraints[strings.ToLower(constraint)]; s.constraint == nil && constraint != "" {
				b.fields.warn("route", fmt.Sprintf("has the constraint %q, which devhost does not check", constraint))
			}
		}
		r.segments = append(r.segments, s)
	}
	return r
}

// match returns the parameters of a path below the route prefix.
func (r *Route) match(path string) (parameters []dotnet.Field, ok bool) {
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for _, s := range r.segments {
		var part string
		switch {
		case s.rest:
			part, parts = strings.Join(parts, "/"), nil
		case len(parts) > 0:
			part, parts = parts[0], parts[1:]
			if part == "" {
				return nil, false
			}
		}
		switch {
		case s.name == "" && !strings.EqualFold(part, s.literal):
			return nil, false
		case s.name == "":
			continue
		case part == "" && s.otherwise != "":
			part = s.otherwise
		case part == "" && (s.optional || s.rest):
			continue
		case part == "" || s.constraint != nil && !s.constraint.MatchString(part):
			return nil, false
		}
		parameters = append(parameters, dotnet.Field{Name: s.name, Value: dotnet.NewString(part)})
	}
	return parameters, len(parts) == 0
}

// FindRoute returns the function that a request invokes, and the parameters in
// its path. Paths match in any case; a route with fewer parameters comes first.
func (a *App) FindRoute(method, path string) (found Function, parameters []dotnet.Field, ok bool) {
	path = strings.TrimPrefix(path, "/")
	if prefix := a.Host.HTTP.RoutePrefix; prefix != "" {
		if len(path) <= len(prefix) || path[len(prefix)] != '/' || !strings.EqualFold(path[:len(prefix)], prefix) {
			return found, nil, false
		}
		path = path[len(prefix)+1:]
	}
	for _, f := range a.Functions {
		if f.Route == nil || len(f.Route.Methods) > 0 && !slices.Contains(f.Route.Methods, method) {
			continue
		}
		if p, matches := f.Route.match(path); matches && (!ok || len(p) < len(parameters)) {
			found, parameters, ok = f, p, true
		}
	}
	return found, parameters, ok
}

// checkHTTP warns about outputs of HTTP functions.
func (f *Function) checkHTTP() {
	for _, output := range f.Outputs {
		switch {
		case output.Is(httpOutput) && f.Route == nil:
			output.fields.warn("type", "is http, but the trigger is not: every invocation that writes this output fails")
		case output.Is(httpOutput) || f.Route == nil:
		default:
			f.checkPath(output)
		}
	}
}

// expression is a binding expression.
var expression = regexp.MustCompile(`\{[^}]*\}`)

// checkPath warns about names and paths that a caller of the function chooses.
func (f *Function) checkPath(output Binding) {
	for _, known := range outputTypes {
		if !output.Is(known.name) || known.target == "" {
			continue
		}
		for _, e := range expression.FindAllString(output.Text(known.target), -1) {
			if !strings.HasPrefix(strings.ToLower(e), "{sys.") {
				output.fields.warn(known.target, fmt.Sprintf("has %s: a caller chooses its value with a query parameter or a field of the body, and can leave the folder with ../; use {sys.randguid} and {sys.utcnow}", e))
			}
		}
	}
}

// checkRoutes makes functions inactive whose route another function has.
func (a *App) checkRoutes() {
	var kept []Function
	for _, f := range a.Functions {
		i := slices.IndexFunc(kept, func(other Function) bool { return f.Route.conflicts(other.Route) })
		if i < 0 {
			kept = append(kept, f)
			continue
		}
		a.Inactive = append(a.Inactive, Inactive{
			Name: f.Name, TriggerType: f.Trigger.Type, InError: true,
			Reason: fmt.Sprintf("%s/%s: the route %q conflicts with that of %s", f.Name, functionFile, f.Route.Template, kept[i].Name),
		})
	}
	a.Functions = kept
	slices.SortFunc(a.Inactive, func(x, y Inactive) int { return strings.Compare(x.Name, y.Name) })
}

// conflicts reports whether two routes have one template and a method in common.
func (r *Route) conflicts(other *Route) bool {
	return r != nil && other != nil && strings.EqualFold(r.Template, other.Template) &&
		(len(r.Methods) == 0 || len(other.Methods) == 0 || slices.ContainsFunc(r.Methods, func(m string) bool { return slices.Contains(other.Methods, m) }))
}
