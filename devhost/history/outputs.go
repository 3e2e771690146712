package history

import (
	"bytes"
	"encoding/json/v2"
	"time"

	"whatsapp-functions/devhost/host"
)

// report is what is read of an item that the app wrote: a queue message, or a
// document of rejected events.
type report struct {
	Type string `json:"type"`
	Data struct {
		fileReport
		EventID string    `json:"eventId"`
		OptOut  bool      `json:"optOut"`
		ReplyBy time.Time `json:"replyBy"`
		Failure *Failure  `json:"failure"`
		Error   struct {
			Code string `json:"code"`
		} `json:"error"`
	} `json:"data"`
	Events []struct {
		Reason string `json:"reason"`
		Detail string `json:"detail"`
		Event  struct {
			ID string `json:"id"`
		} `json:"event"`
	} `json:"events"`
}

func readOutputs(r host.Result) (reports []report) {
	for _, output := range r.Outcome.Written {
		for _, item := range output.Items {
			reports = appendReport(reports, item.Content)
		}
	}
	return reports
}

// appendReport adds what an item reports, if it is a JSON object.
func appendReport(reports []report, content []byte) []report {
	var read report
	if bytes.HasPrefix(content, []byte("{")) && json.Unmarshal(content, &read, tolerant) == nil {
		reports = append(reports, read)
	}
	return reports
}

// rejectedBy returns the reasons of the first rejected events.
func rejectedBy(reports []report) (reasons []string) {
	for _, report := range reports {
		for _, rejected := range report.Events {
			if len(reasons) < maxShown {
				reasons = append(reasons, rejected.Reason)
			}
		}
	}
	return reasons
}

// apply adds a report to the events that it is about.
func (l *Log) apply(r report) {
	data := r.Data
	if state, ok := fileStates[r.Type]; ok {
		l.applyFile(state, data.EventID, data.fileReport)
		return
	}
	if data.Failure != nil && data.Error.Code != "" && len(l.failures) < maxCodes {
		if l.failures == nil {
			l.failures = map[string]Failure{}
		}
		l.failures[data.Error.Code] = *data.Failure
	}
	if tracked, ok := l.events[data.EventID]; ok {
		result := &tracked.progress.Result
		result.OptOut, result.ReplyBy = data.OptOut, data.ReplyBy
		if data.Failure != nil {
			result.Failure = data.Failure
		}
		l.messages.put(tracked.message, l.revision)
	}
	for _, rejected := range r.Events {
		if tracked, ok := l.events[rejected.Event.ID]; ok {
			tracked.progress.Result.Rejected = rejected.Reason
			if rejected.Detail != "" {
				tracked.progress.Result.Rejected += ": " + rejected.Detail
			}
			l.messages.put(tracked.message, l.revision)
		}
	}
}
