package testcase_test

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/testcase"
)

// Wherever a person's identity stands it is replaced, by the same one.
func TestMask(t *testing.T) {
	events := `[{"id":"e1","topic":"/subscriptions/secret","subject":"advancedMessage/sender/4915112345678/recipient/c0ffee00-0000-0000-0000-000000000001",` +
		`"data":{"from":"4915112345678","fromBSUID":"DE.1234abc","to":"c0ffee00-0000-0000-0000-000000000001","messageId":"0a4915112345678b","n":4915112345678,` +
		`"receivedTimestamp":"2026-11-20T09:15:01+00:00","content":"I am +49 151 12345678, or DE.1234abc, order 12345; ok.Bye \u00e9",` +
		`"context":{"from":"+1 (425) 555-0199","id":"x"},"odd":"\ud800","content":"twice 004915112345678"}},` +
		`{"source":"/subscriptions/secret","data":{"to":14255550199,"toBSUID":null,"list":["4915112345678"]}}]`
	want := `[{"id":"e1","topic":"LOCAL","subject":"advancedMessage/sender/14255550001/recipient/c0ffee00-0000-0000-0000-000000000001",` +
		`"data":{"from":"14255550001","fromBSUID":"DE.00000000000000000002","to":"c0ffee00-0000-0000-0000-000000000001","messageId":"0a14255550001b","n":14255550001,` +
		`"receivedTimestamp":"2026-11-20T09:15:01+00:00","content":"I am 14255550001, or DE.00000000000000000002, order 12345; ok.Bye é",` +
		`"context":{"from":"14255550003","id":"x"},"odd":"\ud800","content":"twice 14255550004"}},` +
		`{"source":"LOCAL","data":{"to":14255550003,"toBSUID":null,"list":["14255550001"]}}]`
	masked, err := testcase.Mask(jsontext.Value(events))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(string(masked), "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/devhost/providers/microsoft.communication/communicationservices/devhost", "LOCAL")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Identities are found in whatever form, and wherever else they stand then.
func TestMaskOfAllForms(t *testing.T) {
	events := `[{"data":{"from":"15551234567","fromBSUID":"US.ENT.11815799212886844830","to":"c0ffee00-0000-0000-0000-000000000001","list":[15551234567],"15551234567":1,` +
		`"wa_id":"17770002222","more":["16660001111"],"context":{"id":"wamid.HBgLMTU1NTEyMzQ1Njc="},"reaction":{"messageId":"wamid.HBgLMTU1NTEyMzQ1Njc="},` +
		`"error":{"channelCode":"2494100"},"short":{"from":"me"}}}]`
	masked, err := testcase.Mask(jsontext.Value(events))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"data":{"from":"14255550001","fromBSUID":"US.ENT.00000000000000000002","to":"c0ffee00-0000-0000-0000-000000000001","list":[14255550001],"14255550001":1,` +
		`"wa_id":"14255550003","more":["14255550004"],"context":{"id":"wamid.00000000000000000005"},"reaction":{"messageId":"wamid.00000000000000000005"},` +
		`"error":{"channelCode":"2494100"},"short":{"from":"person0006"}}}]`
	if diff := cmp.Diff(want, string(masked)); diff != "" {
		t.Error(diff)
	}
}

// However an identity is written, and wherever, nothing of it stays; and what is
// masked stays as it is.
func TestMaskOfOtherSpellings(t *testing.T) {
	const channel, encoded = "c0ffee00-0000-0000-0000-000000000001", "wamid.HBgNNDkxNTExMjM0NTY3OBUCABIYIDNBMkM0RTY4MEExMjM0NTY3OAA="
	tests := map[string]struct{ event, want string }{
		"a number that is known, as a number in an array":  {`{"from":"4915112345678","a":[[4915112345678]]}`, `{"from":"14255550001","a":[[14255550001]]}`},
		"a number that is known, as a member's name":       {`{"from":"4915112345678","a":{"4915112345678":1}}`, `{"from":"14255550001","a":{"14255550001":1}}`},
		"a number that is known, with an exponent":         {`{"from":4.915112345678e12}`, `{"from":14255550001}`},
		"a number that is not known, as a member's name":   {`{"+49 151 12345678":1}`, `{"14255550001":1}`},
		"a number that is not known, in an array":          {`{"a":["4915112345678",4915112345678,"12"]}`, `{"a":["14255550001",14255550001,"12"]}`},
		"a number that is not known, in an unknown member": {`{"a":"4915112345678","b":"to +49 151 12345678"}`, `{"a":"14255550001","b":"to 14255550001"}`},
		"a text in an array":                               {`{"content":["at 0151 12345678"]}`, `{"content":["at 14255550001"]}`},
		"a business-scoped id of an enterprise":            {`{"fromBSUID":"US.ENT.118110011","content":"US.ENT.118110011.","x":"US.ENT.118110011"}`, `{"fromBSUID":"US.ENT.00000000000000000001","content":"US.ENT.00000000000000000001.","x":"US.ENT.00000000000000000001"}`},
		"an identity of no known form":                     {`{"toBSUID":"bob","x":"bobsled","subject":"advancedMessage/sender/bob/recipient/` + channel + `"}`, `{"toBSUID":"person0001","x":"bobsled","subject":"advancedMessage/sender/person0001/recipient/` + channel + `"}`},
		"other spellings":                                  {`{"wa_id":"x1","waId":"x1","From":"12"}`, `{"wa_id":"person0001","waId":"person0001","From":"14255550002"}`},
		"a message's id that holds the number":             {`{"context":{"id":"` + encoded + `"}}`, `{"context":{"id":"wamid.` + strings.Repeat("0", len(encoded)-7) + `1"}}`},
		"a message's id with a slash, in a subject":        {`{"subject":"advancedMessage/wamid.AB/CD/status/Read","messageId":"wamid.AB/CD"}`, `{"subject":"advancedMessage/wamid.00001/status/Read","messageId":"wamid.00001"}`},
		"a message's id in a text":                         {`{"content":"see wamid.ABCD, or"}`, `{"content":"see wamid.0001, or"}`},
		"what is no identity": {
			`{"to":"` + channel + `","toBSUID":"","error":{"channelCode":"1310260","channelMessage":"(#131026)"},"on":"2026-11-20","v":"1.0","n":[1,2.5,-7]}`,
			`{"to":"` + channel + `","toBSUID":"","error":{"channelCode":"1310260","channelMessage":"(#131026)"},"on":"2026-11-20","v":"1.0","n":[1,2.5,-7]}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, event := range []string{test.event, test.want} {
				masked, err := testcase.Mask(jsontext.Value(event))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, string(masked)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// No sample tells a number of the samples any more.
func TestMaskOfSamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("../../testdata/events", "*.json"))
	if err != nil || len(files) < 80 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		masked, err := testcase.Mask(text)
		if err != nil {
			t.Errorf("%s: %s", file, err)
			continue
		}
		for _, identity := range []string{"14255550123", "13491208655302741918", "rg-contoso-prod", "15555550100"} {
			if strings.Contains(string(masked), identity) {
				t.Errorf("%s tells %s:\n%s", file, identity, masked)
			}
		}
	}
}

func TestMaskRefuses(t *testing.T) {
	for _, events := range []string{`[{"data":"{\"from\":\"14255550123\"}"}]`, `[{"data_base64":"e30="}]`, `[{"data":{]`} {
		if masked, err := testcase.Mask(jsontext.Value(events)); err == nil {
			t.Errorf("%s became %s", events, masked)
		}
	}
}

// Numbers are masked in the digits and with the separators of every script.
func TestMaskOfAllScripts(t *testing.T) {
	const number = "14255550199"
	digits := map[string]rune{"Arabic-Indic": '٠', "Persian": '۰', "Devanagari": '०', "Bengali": '০', "Thai": '๐', "full-width": '０', "bold": '𝟎', "Adlam": '𞥐'}
	separators := map[string]string{
		"none": "", "space": " ", "no-break space": "\u00a0", "narrow space": "\u202f", "ideographic space": "\u3000", "hyphen": "-", "Unicode hyphen": "\u2010",
		"no-break hyphen": "\u2011", "figure dash": "\u2012", "en dash": "–", "em dash": "—", "minus": "\u2212", "full-width hyphen": "－", "soft hyphen": "\u00ad",
		"dot": ".", "full-width dot": "．", "middle dot": "·", "slash": "/", "zero-width space": "\u200b", "left-to-right mark": "\u200e", "parenthesis": ") (", "full-width parenthesis": "）（",
	}
	write := func(zero rune, separator string) string {
		var text strings.Builder
		for i, c := range number {
			if i == 1 || i == 4 || i == 7 {
				text.WriteString(separator)
			}
			text.WriteRune(zero + c - '0')
		}
		return text.String()
	}
	check := func(name, written string) {
		t.Helper()
		event, err := json.Marshal([]any{map[string]any{"id": "e", "data": map[string]any{"from": number, "content": "call " + written + " now", "note": "+" + written}}})
		if err != nil {
			t.Fatal(err)
		}
		masked, err := testcase.Mask(event)
		if err != nil {
			t.Fatal(err)
		}
		want := `[{"data":{"content":"call 14255550001 now","from":"14255550001","note":"14255550001"},"id":"e"}]`
		if err := masked.Canonicalize(); err != nil || string(masked) != want {
			t.Errorf("%s: %q becomes %s", name, written, masked)
		}
		again, err := testcase.Mask(masked)
		if err != nil || string(again) != string(masked) {
			t.Errorf("%s: masked again it becomes %s", name, again)
		}
	}
	for name, zero := range digits {
		check(name, write(zero, ""))
		check(name+" with dashes", write(zero, "–"))
	}
	for name, separator := range separators {
		check(name, write('0', separator))
	}
}
