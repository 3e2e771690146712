package bridge_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
)

const isJSON = "application/json; charset=utf-8"

func TestAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want bridge.Answer
	}{
		"nothing to write": {`{}`, bridge.Answer{}},
		"fields in any case": {
			`{"outputs":{"a":"x"},"LOGS":["l"],"returnValue":1}`,
			bridge.Answer{Outputs: []dotnet.Field{{Name: "a", Value: dotnet.NewString("x")}}, Logs: []string{"l"}, ReturnValue: dotnet.NewInteger(1)},
		},
		"nulls":                       {`{"Outputs":null,"Logs":null,"ReturnValue":null,"Other":1}`, bridge.Answer{}},
		"lines that are not strings":  {`{"Logs":[1,true,null,"2023-07-06T18:30:19.10Z"]}`, bridge.Answer{Logs: []string{"1", "True", "", "2023-07-06T18:30:19.10Z"}}},
		"JSON as JavaScript reads it": {"\uFEFF{'Logs':['l',],} and more", bridge.Answer{Logs: []string{"l"}}},
		"nested deeply": {
			`{"Other":` + strings.Repeat("[", 255) + strings.Repeat("]", 255) + `}`, bridge.Answer{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, contentType := range []string{"application/json", isJSON, "text/json"} {
				got, err := bridge.ReadAnswer(200, contentType, []byte(test.body))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestAnswersThatFail(t *testing.T) {
	for name, test := range map[string]struct {
		status            int
		contentType, body string
		want              string
	}{
		"a status that is not a success": {500, isJSON, `{}`, "the handler answered 500 Internal Server Error: the host discards the rest of such an answer"},
		"a redirection":                  {301, isJSON, `{}`, "the handler answered 301 Moved Permanently: the host discards the rest of such an answer"},
		"text that looks like JSON":      {200, "text/plain; charset=utf-8", `{}`, `the answer's Content-Type is "text/plain; charset=utf-8": only application/json and text/json are read`},
		"no type":                        {200, "", `{}`, `the answer's Content-Type is "": only application/json and text/json are read`},
		"not JSON":                       {200, isJSON, `hello`, "the answer is not JSON: line 1, column 1: unexpected 'h', expected a value"},
		"an array":                       {200, isJSON, `[]`, "the answer must be a JSON object"},
		"a string":                       {200, isJSON, `"x"`, "the answer must be a JSON object"},
		"outputs that are not an object": {200, isJSON, `{"Outputs":[]}`, "the answer's Outputs must be an object"},
		"logs that are not an array":     {200, isJSON, `{"Logs":"l"}`, "the answer's Logs must be an array"},
		"logs of objects":                {200, isJSON, `{"Logs":[{}]}`, "the answer's Logs must contain strings"},
		"nested too deeply":              {200, isJSON, `{"a":` + strings.Repeat("[", 256) + strings.Repeat("]", 256) + `}`, "the answer is not JSON: nested deeper than 256"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bridge.ReadAnswer(test.status, test.contentType, []byte(test.body))
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestAnswersThatHang(t *testing.T) {
	for _, body := range []string{"", " \n", "null"} {
		if _, err := bridge.ReadAnswer(200, isJSON, []byte(body)); !errors.Is(err, bridge.ErrHangs) {
			t.Errorf("%q: got %v", body, err)
		}
	}
	if _, err := bridge.ReadAnswer(204, "", nil); !errors.Is(err, bridge.ErrHangs) {
		t.Errorf("204: got %v", err)
	}
}
