package main

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A message that is too large is written without some parts, and kept whole in
// rejectedEvents; one that can't be shortened enough is kept there only.
func TestOversize(t *testing.T) {
	server := serveApp(t, withStatusUpdates(t), io.Discard)
	const (
		text    = `{"id":"e","eventType":"Microsoft.Communication.AdvancedMessageReceived","data":{"messageId":"m","from":"1","fromBSUID":"US.1","to":"c","content":%q}}`
		file    = `{"id":"e","eventType":"Microsoft.Communication.AdvancedMessageReceived","data":{"messageId":"m","from":"1","to":"c","media":{"id":"1","fileName":%q}}}`
		failure = `{"id":"e","eventType":"Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated","data":{"messageId":"m","status":"Failed","error":{"channelMessage":%q}}}`
	)
	for name, test := range map[string]struct {
		function, event string
		rows, messages  int
		rawOmitted      bool
		eventColumn     bool
		textUnits       int
		detail          string
		written         bool
	}{
		"all fits": {
			receiver, fmt.Sprintf(text, strings.Repeat("x", 20_000)),
			2, 1, false, true, 20_000, "", false,
		},
		"the queue message without raw, the row whole": {
			receiver, fmt.Sprintf(text, strings.Repeat("é", 20_000)),
			2, 1, true, true, 20_000, "written without raw of the queue message", true,
		},
		"the row without the event": {
			receiver, fmt.Sprintf(text, strings.Repeat("x", 31_999)),
			2, 1, true, false, 31_999, "written without raw of the queue message, column Event", true,
		},
		"the row with a shorter text": {
			receiver, fmt.Sprintf(text, strings.Repeat("x", 40_000)),
			2, 1, true, false, 32_000, "written without raw of the queue message, the end of column Text, column Event", true,
		},
		"the queue message and the row with a shorter text": {
			receiver, fmt.Sprintf(text, strings.Repeat("x", 60_000)),
			2, 1, true, false, 32_000, "written without raw of the queue message, the end of text of the queue message, the end of column Text, column Event", true,
		},
		"a column that can't be cut": {
			receiver, fmt.Sprintf(file, strings.Repeat("x", 32_001)),
			0, 0, false, false, 0, "column FileName is too large: it is longer than 32000 characters", false,
		},
		"a failure without the event": {
			statuses, fmt.Sprintf(failure, strings.Repeat("x", 32_000)),
			1, 2, true, false, 0, "written without column Event, raw of the queue message", true,
		},
		"a failure with a shorter error": {
			statuses, fmt.Sprintf(failure, strings.Repeat("x", 32_001)),
			1, 2, true, false, 0, "written without the end of column ErrorMessage, column Event, raw of the queue message", true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := invoke(t, server, test.function, test.event)
			rows := append(a.Outputs.Messages, a.Outputs.MessageStatus...)
			messages := append(append(a.Outputs.InboundMessages, a.Outputs.FailedMessages...), a.Outputs.StatusUpdates...)
			if len(rows) != test.rows || len(messages) != test.messages {
				t.Errorf("%d rows, %d messages; want %d, %d", len(rows), len(messages), test.rows, test.messages)
			}
			for _, text := range messages {
				var message struct {
					Data struct {
						Raw        any  `json:"raw"`
						RawOmitted bool `json:"rawOmitted"`
					} `json:"data"`
				}
				if err := json.Unmarshal([]byte(text), &message); err != nil {
					t.Fatal(err)
				}
				if message.Data.RawOmitted != test.rawOmitted || (message.Data.Raw == nil) != test.rawOmitted {
					t.Errorf("rawOmitted %t, raw there %t", message.Data.RawOmitted, message.Data.Raw != nil)
				}
			}
			for _, text := range rows {
				var row struct{ Text, Event string }
				if err := json.Unmarshal([]byte(text), &row); err != nil {
					t.Fatal(err)
				}
				if (row.Event != "") != test.eventColumn || len([]rune(row.Text)) != test.textUnits {
					t.Errorf("Event there %t, Text of %d; want %t, %d", row.Event != "", len([]rune(row.Text)), test.eventColumn, test.textUnits)
				}
			}
			var want []rejectedEvent
			if test.detail != "" {
				want = []rejectedEvent{{Reason: "oversize", Detail: test.detail, Written: test.written, Event: []byte(test.event)}}
			}
			if diff := cmp.Diff(want, a.rejected(t).Events); diff != "" {
				t.Errorf("%.1500s", diff)
			}
		})
	}
}

// An event that is nested as deep as Go's standard library can read is not lost,
// although its copies in outputs would be deeper.
func TestNestedAsDeepAsCanBe(t *testing.T) {
	server := serveApp(t, withStatusUpdates(t), io.Discard)
	for depth := 9_970; depth < 10_000; depth++ {
		nested := strings.Repeat("[", depth) + strings.Repeat("]", depth)
		for _, function := range []string{receiver, statuses} {
			event := `{"id":"e","eventType":"Microsoft.Communication.AdvancedMessageReceived","data":{"content":"x","deep":` + nested + `}}`
			quoted, _ := jsontext.AppendQuote(nil, event)
			a := invoke(t, server, function, string(quoted))
			if written := len(a.Outputs.InboundMessages) + len(a.rejected(t).Events); written == 0 {
				t.Errorf("%d levels deep at %s: lost", depth, function)
			}
		}
	}
}
