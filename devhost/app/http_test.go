package app_test

import (
	"fmt"
	"strings"
	"testing"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/internal/testkit"
)

func httpFunction(fields string, outputs ...string) string {
	all := append([]string{`{"type":"httpTrigger","direction":"in","name":"r"` + fields + `}`}, outputs...)
	return bindings(all...)
}

func TestRoutes(t *testing.T) {
	a, err := app.Open(folder(t, map[string]string{
		"F/function.json":     httpFunction(``),
		"Order/function.json": httpFunction(`,"route":"orders/{id:int}/{part?}","methods":["get"]`),
		"Last/function.json":  httpFunction(`,"route":"orders/last","methods":["GET","post"]`),
		"Rest/function.json":  httpFunction(`,"route":"files/{*path}"`),
	}))
	testkit.Must(t, err)
	for request, want := range map[string]string{
		"POST /api/F":              "F[]",
		"POST /API/f/":             "F[]",
		"DELETE /api/F":            "F[]",
		"POST /F":                  "",
		"POST /api//F":             "",
		"POST /api/F//":            "",
		"POST /api/F/x":            "",
		"POST /apis/F":             "",
		"GET /api/orders/12":       "Order[id=12]",
		"GET /api/orders/12/items": "Order[id=12 part=items]",
		"GET /api/orders/last":     "Last[]",
		"GET /api/orders/x":        "",
		"POST /api/orders/12":      "",
		"HEAD /api/orders/last":    "",
		"GET /api/files/a/b.txt":   "Rest[path=a/b.txt]",
		"GET /api/files":           "Rest[]",
		"GET /api/":                "",
		"GET /":                    "",
	} {
		method, path, _ := strings.Cut(request, " ")
		f, parameters, ok := a.FindRoute(method, path)
		var shown []string
		for _, p := range parameters {
			shown = append(shown, p.Name+"="+p.Value.Text)
		}
		if got := f.Name + fmt.Sprint(shown); ok != (want != "") || ok && got != want {
			t.Errorf("%s: got %s, want %s", request, got, want)
		}
	}
}

func TestRoutePrefixes(t *testing.T) {
	for prefix, path := range map[string]string{"": "/F", "v1": "/v1/F", "/a/b/": "/a/b/F"} {
		host := strings.Replace(goodHost, "{", fmt.Sprintf(`{"extensions":{"http":{"routePrefix":%q}},`, prefix), 1)
		for name, files := range map[string]map[string]string{
			"host.json": {"host.json": host},
			"setting":   {"local.settings.json": fmt.Sprintf(`{"Values":{"AzureFunctionsJobHost__extensions__http__routePrefix":%q}}`, prefix)},
		} {
			files["F/function.json"] = httpFunction(`,"methods":["get"]`)
			a, err := app.Open(folder(t, files))
			testkit.Must(t, err)
			if _, _, ok := a.FindRoute("GET", path); !ok {
				t.Errorf("%s, prefix %q: %s is not found", name, prefix, path)
			}
		}
	}
}

func TestHTTPFunctionsInError(t *testing.T) {
	a, err := app.Open(folder(t, map[string]string{
		"F/function.json": httpFunction(`,"authLevel":"user"`),
		"G/function.json": httpFunction(`,"route":"admin/x"`),
		"H/function.json": httpFunction(`,"route":"a-{id}"`),
		"I/function.json": httpFunction(`,"route":"same","methods":["get"]`),
		"J/function.json": httpFunction(`,"route":"Same"`),
		"K/function.json": httpFunction(`,"route":"same","methods":["post"]`),
	}))
	testkit.Must(t, err)
	var got []string
	for _, f := range a.Inactive {
		got = append(got, f.Reason)
	}
	want := []string{
		`F/function.json: bindings[0].authLevel is "user": write anonymous or function or admin`,
		`G/function.json: bindings[0].route is "admin/x": routes that start with admin are the host's own`,
		`H/function.json: bindings[0].route has the segment "a-{id}": devhost supports only whole segments as parameters, such as {id}`,
		`J/function.json: the route "Same" conflicts with that of I`,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestHTTPWarnings(t *testing.T) {
	blob := `{"type":"blob","direction":"out","name":"b","path":"c/{sys.utcnow}/{rand-guid}.txt"}`
	answer := `{"type":"http","direction":"out","name":"h"}`
	a, err := app.Open(folder(t, map[string]string{"F/function.json": httpFunction("", blob, answer), "G/function.json": bindings(trigger, answer)}))
	testkit.Must(t, err)
	all := strings.Join(a.Warnings, "\n")
	for _, want := range []string{
		"F/function.json: bindings[1].path has {rand-guid}: a caller chooses its value",
		"G/function.json: bindings[1].type is http, but the trigger is not",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%s is not in %s", want, all)
		}
	}
	if strings.Contains(all, "{sys.utcnow}:") {
		t.Error(all)
	}
}
