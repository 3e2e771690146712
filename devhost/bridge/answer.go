package bridge

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"whatsapp-functions/devhost/dotnet"
)

// Answer is the handler's answer to an invocation.
type Answer struct {
	// Outputs are the values by output, in order.
	Outputs []dotnet.Field
	// Logs are lines to log with the invocation.
	Logs []string
	// ReturnValue is the value of an output called $return. If none is
	// declared, its fields are outputs.
	ReturnValue dotnet.Value
}

// ErrHangs reports an answer that the host ignores: it goes on waiting until
// functionTimeout, and then kills the handler.
var ErrHangs = errors.New("the host ignores an empty answer and waits until functionTimeout, then kills the handler: answer {} with Content-Type application/json")

// answerDepth is the deepest nesting that the host reads in an answer.
const answerDepth = 256

// ReadAnswer reads an answer as the host does (DefaultHttpWorkerService.cs). An
// error fails the invocation; then Logs and Outputs are discarded.
func ReadAnswer(status int, contentType string, body []byte) (Answer, error) {
	switch {
	case status < 200 || status > 299:
		return Answer{}, fmt.Errorf("the handler answered %d %s: the host discards the rest of such an answer", status, http.StatusText(status))
	case strings.TrimSpace(string(body)) == "":
		return Answer{}, ErrHangs
	}
	if mediaType, _, _ := mime.ParseMediaType(contentType); mediaType != "application/json" && mediaType != "text/json" {
		return Answer{}, fmt.Errorf("the answer's Content-Type is %q: only application/json and text/json are read", contentType)
	}
	value, err := dotnet.Read(body, dotnet.Options{Dates: true, Rest: true, Depth: answerDepth})
	switch {
	case err != nil:
		return Answer{}, fmt.Errorf("the answer is not JSON: %w", err)
	case value.Kind == dotnet.KindNull:
		return Answer{}, ErrHangs
	case value.Kind != dotnet.KindObject:
		return Answer{}, errors.New("the answer must be a JSON object")
	}
	outputs, _ := value.Fold("Outputs")
	if outputs.Kind != dotnet.KindObject && outputs.Kind != dotnet.KindNull {
		return Answer{}, errors.New("the answer's Outputs must be an object")
	}
	answer := Answer{Outputs: outputs.Fields}
	answer.ReturnValue, _ = value.Fold("ReturnValue")
	answer.Logs, err = readLogs(body)
	return answer, err
}

// readLogs reads the answer's Logs. Strings in them never become dates.
func readLogs(body []byte) (lines []string, err error) {
	value, err := dotnet.Read(body, dotnet.Options{Rest: true, Depth: answerDepth})
	if err != nil {
		return nil, err
	}
	logs, _ := value.Fold("Logs")
	if logs.Kind != dotnet.KindArray && logs.Kind != dotnet.KindNull {
		return nil, errors.New("the answer's Logs must be an array")
	}
	for _, line := range logs.Items {
		if line.Kind == dotnet.KindObject || line.Kind == dotnet.KindArray {
			return nil, errors.New("the answer's Logs must contain strings")
		}
		lines = append(lines, line.String())
	}
	return lines, nil
}
