package download

import (
	"net/url"
	"strings"
	"testing"
)

func parse(t testing.TB, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestAllowedHosts(t *testing.T) {
	for base, urls := range map[string]map[string]string{
		"https://graph.facebook.com": {
			"https://graph.facebook.com/v25.0/1":                     "",
			"https://GRAPH.facebook.com:443/v25.0/1":                 "",
			"https://lookaside.fbsbx.com/whatsapp_business/?mid=1":   "",
			"https://scontent.xx.fbcdn.net/1":                        "",
			"https://mmg.whatsapp.net/1":                             "",
			"https://fbsbx.com/1":                                    "not in the list",
			"https://.fbsbx.com/1":                                   "not in the list",
			"https://evilfbsbx.com/1":                                "not in the list",
			"https://lookaside.fbsbx.com.evil.example/1":             "not in the list",
			"https://evil.example/lookaside.fbsbx.com":               "not in the list",
			"https://lookaside.fbsbx.com@evil.example/1":             "user information",
			"https://lookaside.fbsbx.com:8443/1":                     "not in the list",
			"http://lookaside.fbsbx.com/1":                           "not https",
			"ftp://lookaside.fbsbx.com/1":                            "not https",
			"https://169.254.169.254/metadata/identity/oauth2/token": "not in the list",
			"http://127.0.0.1:41000/msi/token":                       "not in the list",
			"http://localhost/1":                                     "not in the list",
			"http://[::1]:80/1":                                      "not in the list",
			"https://127.0.0.1/1":                                    "not in the list",
			"https://facebook.com/1":                                 "not in the list",
			"https://other.facebook.com/1":                           "not in the list",
			"//lookaside.fbsbx.com/1":                                "not https",
			"https://lookaside.fbsbx.com%2f@evil.example/1":          "user information",
		},
		"http://127.0.0.1:7071": {
			"http://127.0.0.1:7071/graph/v25.0/1":   "",
			"http://127.0.0.1:7072/graph/v25.0/1":   "not in the list",
			"https://127.0.0.1:7071/graph/v25.0/1":  "not in the list",
			"http://localhost:7071/graph/v25.0/1":   "not in the list",
			"https://lookaside.fbsbx.com/1":         "",
			"http://127.0.0.1:7071.evil.example/1/": "not https",
		},
	} {
		hosts := Hosts{Base: parse(t, base), Names: []string{"graph.facebook.com", ".fbsbx.com", ".fbcdn.net", ".whatsapp.net"}}
		for text, want := range urls {
			u, err := url.Parse(text)
			if err != nil {
				continue // such a URL is never requested
			}
			err = hosts.check(u)
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s, %s: got %v, want %q", base, text, err, want)
			}
		}
	}
}

func TestEndpoint(t *testing.T) {
	for text, want := range map[string]string{
		"https://graph.facebook.com":     "https://graph.facebook.com",
		" https://graph.facebook.com/ ":  "https://graph.facebook.com",
		"http://127.0.0.1:7071/graph":    "http://127.0.0.1:7071/graph",
		"http://localhost:7071/graph/":   "http://localhost:7071/graph",
		"http://graph.facebook.com":      "",
		"graph.facebook.com":             "",
		"https://":                       "",
		"":                               "",
		"https://user:pass@example.com":  "",
		"https://graph.facebook.com?a=b": "",
		"https://graph.facebook.com#a":   "",
		"ftp://127.0.0.1/":               "",
		"https://gra ph":                 "",
	} {
		got := ""
		u, err := Endpoint(text)
		if err == nil {
			got = u.String()
		}
		if got != want {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
}

// An allowed URL is https or on this machine, and its host is the base's or one of
// the names.
func FuzzAllowedHosts(f *testing.F) {
	f.Add("https://lookaside.fbsbx.com/1")
	f.Add("http://127.0.0.1:7071/1")
	f.Add("https://a@b:1/c?d#e")
	f.Fuzz(func(t *testing.T, text string) {
		u, err := url.Parse(text)
		hosts := Hosts{Base: parse(t, "http://127.0.0.1:7071"), Names: []string{".fbsbx.com"}}
		if err != nil || hosts.check(u) != nil {
			return
		}
		if u.Host == "127.0.0.1:7071" && u.Scheme == "http" {
			return
		}
		if u.Scheme != "https" || !strings.HasSuffix(strings.ToLower(u.Hostname()), ".fbsbx.com") || u.User != nil {
			t.Errorf("%q is allowed", text)
		}
	})
}
