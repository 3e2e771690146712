package meta

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Tokens are access tokens of Meta.
type Tokens struct {
	// byAccount are the tokens for single WhatsApp Business Accounts.
	byAccount map[string]string
	// other is the token for all other accounts, or "".
	other string
}

// ParseTokens reads one token, or pairs of an account's id and its token, such as
// "1001=EAAx,1002=EAAy". The error quotes no token.
func ParseTokens(text string) (Tokens, error) {
	t := Tokens{byAccount: map[string]string{}}
	for entry := range strings.SplitSeq(text, ",") {
		entry = strings.TrimSpace(entry)
		account, token, isPair := strings.Cut(entry, "=")
		account, token = strings.TrimSpace(account), strings.TrimSpace(token)
		switch {
		case entry == "":
		case !isPair && t.other != "":
			return Tokens{}, errors.New("two tokens without an account's id: write <WABA id>=<token>,<WABA id>=<token>")
		case !isPair:
			t.other = entry
		case account == "" || strings.Trim(account, "0123456789") != "":
			return Tokens{}, errors.New("the text before '=' is not the id of a WhatsApp Business Account: write <WABA id>=<token>")
		case token == "":
			return Tokens{}, fmt.Errorf("no token for the account %s", account)
		case t.byAccount[account] != "":
			return Tokens{}, fmt.Errorf("two tokens for the account %s", account)
		default:
			t.byAccount[account] = token
		}
	}
	for _, token := range slices.AppendSeq([]string{t.other}, maps.Values(t.byAccount)) {
		if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return Tokens{}, errors.New("a token has characters that a token can't have")
		}
	}
	return t, nil
}

// Any reports whether there is a token.
func (t Tokens) Any() bool { return t.other != "" || len(t.byAccount) > 0 }

// of returns the token for an account, or "".
func (t Tokens) of(account string) string {
	if token, ok := t.byAccount[account]; ok {
		return token
	}
	return t.other
}
