package whatsapp_test

import (
	"strings"
	"testing"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/whatsapp"
)

func failure(code string) *conversation.Failure {
	return whatsapp.Failure(&conversation.Status{MessageID: "M", Status: "failed", Error: &conversation.Error{Code: code}})
}

// The table of codes again, by class.
func TestFailures(t *testing.T) {
	for _, test := range []struct{ class, retry, codes string }{
		{"transient", "backoff", "2 4 613 80007 130429 131016 131056 131057 131208 133004 133015 133016 134101 2494100"},
		{"unknown-outcome", "check-first", "1 131000"},
		{"window-closed", "never", "131047 470"},
		{"policy", "never", "368 130472 130497 131031 131048 131049 131063 131064 131207 132007 132015 132016 132068 139000"},
		{"opted-out", "never", "131050"},
		{"recipient", "never", "131020 131021 131026 131030 131041"},
		{"configuration", "never", "0 3 10 33 100 190 200 250 299 131005 131008 131009 131037 131042 131044 131045 131051 131052 131053 131055 131059 131060 131062 131201 131202 131206 131209 131215 " +
			"132000 132001 132005 132008 132012 132018 132069 133000 133005 133006 133008 133009 133010 134011 134100 134102 135000 137000 138000 138006 138999 139001 139102 139999 147001 147003 147005 " +
			"200005 200006 200007 1752041 2388000 2388093 2388999 2593000 2593107 2593999"},
		{"unknown", "never", "-1 5 199 300 469 131001 131046 131061 131200 131216 137001 137999 140000 147000 147006 200004 200008 2387999 2389000 2592999 2594000 999999 " +
			"99999999999999999999 abc 131026x 131,026 0x1"},
	} {
		for code := range strings.FieldsSeq(test.codes) {
			got := failure(code)
			if got == nil || string(got.Class) != test.class || string(got.Retry) != test.retry {
				t.Errorf("code %s: got %+v, want %s, %s", code, got, test.class, test.retry)
				continue
			}
			if !strings.HasSuffix(got.Advice, ".") || len(got.Advice) > 120 {
				t.Errorf("code %s: the advice is not a short sentence: %q", code, got.Advice)
			}
		}
	}
}

func TestFailureWithoutACode(t *testing.T) {
	for name, e := range map[string]*conversation.Error{"no error": nil, "no code": {Message: "131026"}} {
		got := whatsapp.Failure(&conversation.Status{MessageID: "M", Status: "failed", Error: e})
		if got == nil || got.Class != conversation.ClassUnknown {
			t.Errorf("%s: got %+v, want class unknown", name, got)
		}
	}
}

func TestNoFailure(t *testing.T) {
	if got := whatsapp.Failure(&conversation.Status{MessageID: "M", Status: "delivered", Error: &conversation.Error{Code: "131026"}}); got != nil {
		t.Errorf("a delivered message is a failure: %+v", got)
	}
}
