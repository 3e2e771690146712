package meta

import (
	"strings"
	"testing"
)

func TestParseTokens(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want map[string]string // the token of an account
		err  string
	}{
		"none":                 {"", map[string]string{"1001": ""}, ""},
		"one":                  {" EAAx ", map[string]string{"1001": "EAAx", "": "EAAx"}, ""},
		"a pair":               {"1001=EAAx", map[string]string{"1001": "EAAx", "1002": "", "": ""}, ""},
		"pairs":                {"1001=EAAx, 1002 = EAAy,", map[string]string{"1001": "EAAx", "1002": "EAAy", "1003": ""}, ""},
		"a pair and the rest":  {"1001=EAAx,EAAz", map[string]string{"1001": "EAAx", "1002": "EAAz"}, ""},
		"a token with =":       {"1001=EAAx==", map[string]string{"1001": "EAAx=="}, ""},
		"two without accounts": {"EAAx,EAAy", nil, "two tokens without an account's id"},
		"an account twice":     {"1001=EAAx,1001=EAAy", nil, "two tokens for the account 1001"},
		"no token":             {"1001=", nil, "no token for the account 1001"},
		"no account":           {"=EAAx", nil, "is not the id of a WhatsApp Business Account"},
		"a name as account":    {"sales=EAAx", nil, "is not the id of a WhatsApp Business Account"},
		"a token with a space": {"1001=EAAx EAAy", nil, "characters that a token can't have"},
		"a token not in ASCII": {"EAÄx", nil, "characters that a token can't have"},
	} {
		t.Run(name, func(t *testing.T) {
			tokens, err := ParseTokens(test.text)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) || strings.Contains(err.Error(), "EAA") || strings.Contains(err.Error(), "sales") {
					t.Errorf("got %v, want %s", err, test.err)
				}
				return
			}
			if err != nil || tokens.Any() != (strings.TrimSpace(test.text) != "") {
				t.Error(tokens.Any(), err)
			}
			for account, want := range test.want {
				if got := tokens.of(account); got != want {
					t.Errorf("account %q: got %q, want %q", account, got, want)
				}
			}
		})
	}
}

// A token is a part of the setting that a header can have.
func FuzzParseTokens(f *testing.F) {
	f.Add("1001=EAAx,EAAz", "1001")
	f.Fuzz(func(t *testing.T, text, account string) {
		tokens, err := ParseTokens(text)
		token := tokens.of(account)
		if err != nil && (token != "" || tokens.Any()) {
			t.Errorf("got %q with an error", token)
		}
		if !strings.Contains(text, token) || strings.ContainsAny(token, " ,\r\n\x00") {
			t.Errorf("the token is %q", token)
		}
	})
}
