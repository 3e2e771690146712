package worker

import (
	"bytes"
	"strings"
	"testing"
)

func TestStreamsByLevel(t *testing.T) {
	var stdout, stderr bytes.Buffer
	log := newLogger(&stdout, &stderr, -1)
	log.Trace().Msg("trace")
	log.Debug().Msg("debug")
	log.Info().Msg("info")
	log.Warn().Msg("warn")
	log.Error().Msg("error")
	log.Log().Msg("none")
	serverLog(log).Print("http: something")
	count := func(text string) (n int) { return strings.Count(text, "\n") }
	if count(stdout.String()) != 4 || count(stderr.String()) != 3 {
		t.Errorf("stdout:\n%sstderr:\n%s", &stdout, &stderr)
	}
	if want := `{"level":"error","error":"http: something","message":"HTTP server"}`; !strings.Contains(stderr.String(), want) {
		t.Errorf("stderr lacks %s:\n%s", want, &stderr)
	}
}
