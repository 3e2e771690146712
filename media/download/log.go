package download

import (
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/rs/zerolog"

	"whatsapp-functions/media/httperror"
)

// logPolicy logs each request at debug level, with nothing of its URL but the host:
// paths have ids, queries have secrets. The SDK's own log is not listened to.
type logPolicy struct{}

// Do implements [policy.Policy].
func (logPolicy) Do(request *policy.Request) (*http.Response, error) {
	start := time.Now()
	response, err := request.Next()
	line := zerolog.Ctx(request.Raw().Context()).Debug().Str("host", request.Raw().URL.Host).Dur("dur", time.Since(start))
	if err != nil {
		line.AnErr("error", httperror.Brief(err)).Msg("no answer")
		return nil, err
	}
	line.Int("status", response.StatusCode).Int64("length", response.ContentLength).Msg("answer")
	return response, nil
}
