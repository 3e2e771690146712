package bridge

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"whatsapp-functions/devhost/dotnet"
)

// Answer is what the handler wants done.
type Answer struct {
	// Outputs are the values by output, in their order.
	Outputs []dotnet.Field
	// Logs are lines to log with the invocation.
	Logs []string
	// ReturnValue is for an output called $return, or for those it names.
	ReturnValue dotnet.Value
}

// ErrHangs is an answer that the host takes no notice of: it goes on waiting
// until the function's time is up, and then kills the handler.
var ErrHangs = errors.New("the host ignores an empty answer and waits until functionTimeout, then kills the handler: answer {} with Content-Type application/json")

// answerDepth is how deep an answer may be nested.
const answerDepth = 256

// ReadAnswer is what the host makes of an answer (DefaultHttpWorkerService.cs). An
// error fails the invocation; then nothing of the answer counts.
func ReadAnswer(status int, contentType string, body []byte) (Answer, error) {
	switch {
	case status < 200 || status > 299:
		return Answer{}, fmt.Errorf("the handler answered %d %s: the host drops whatever it says with that", status, http.StatusText(status))
	case strings.TrimSpace(string(body)) == "":
		return Answer{}, ErrHangs
	case !isJSON(contentType):
		return Answer{}, fmt.Errorf("the answer's Content-Type is %q: only application/json and text/json are read", contentType)
	}
	value, err := dotnet.Read(body, dotnet.Options{Dates: true, Rest: true, Depth: answerDepth})
	if err != nil {
		return Answer{}, fmt.Errorf("the answer is not JSON: %w", err)
	}
	switch value.Kind {
	case dotnet.KindNull:
		return Answer{}, ErrHangs
	case dotnet.KindObject:
		// Lines of the log are never taken for dates.
		plain, err := dotnet.Read(body, dotnet.Options{Rest: true, Depth: answerDepth})
		if err != nil {
			return Answer{}, err
		}
		logs, _ := plain.Fold("Logs")
		return newAnswer(value, logs)
	default:
		return Answer{}, errors.New("the answer must be a JSON object")
	}
}

func isJSON(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && (mediaType == "application/json" || mediaType == "text/json")
}

func newAnswer(value, logs dotnet.Value) (Answer, error) {
	var answer Answer
	outputs, _ := value.Fold("Outputs")
	switch outputs.Kind {
	case dotnet.KindObject:
		answer.Outputs = outputs.Fields
	case dotnet.KindNull:
	default:
		return Answer{}, errors.New("the answer's Outputs must be an object")
	}
	switch logs.Kind {
	case dotnet.KindArray, dotnet.KindNull:
	default:
		return Answer{}, errors.New("the answer's Logs must be an array")
	}
	for _, line := range logs.Items {
		if line.Kind == dotnet.KindObject || line.Kind == dotnet.KindArray {
			return Answer{}, errors.New("the answer's Logs must hold texts")
		}
		answer.Logs = append(answer.Logs, line.String())
	}
	answer.ReturnValue, _ = value.Fold("ReturnValue")
	return answer, nil
}
