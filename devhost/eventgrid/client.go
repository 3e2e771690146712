package eventgrid

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall"
)

// PublishTo posts events to a topic, as a publisher does. The error says why
// the topic did not take them.
func PublishTo(ctx context.Context, topic string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, topic, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	response, err := http.DefaultClient.Do(request)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("nobody listens at %s", topic)
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(response.Body, publishLimit))
	var answer refusalBody
	if err := json.Unmarshal(text, &answer); err != nil || answer.Error.Message == "" {
		return fmt.Errorf("%s answered %s", topic, response.Status)
	}
	return fmt.Errorf("%s answered %s: %s", topic, response.Status, answer.Error.Message)
}
