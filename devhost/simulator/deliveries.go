package simulator

import (
	"bytes"
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/history"
)

// details are everything about a delivery.
type details struct {
	history.Delivery
	// Method, URL, Header and Body are the request, Answer is the start of the
	// answer.
	Method string            `json:"method"`
	URL    string            `json:"url"`
	Header map[string]string `json:"header,omitzero"`
	Body   string            `json:"body,omitzero"`
	Answer string            `json:"answer,omitzero"`
	Curl   string            `json:"curl,omitzero"`
	// Transcripts are those of the invocations.
	Transcripts []history.Transcript `json:"transcripts"`

	// request is that of an HTTP function.
	request *http.Request
}

// textLimit is how much of a request or a response is shown.
const textLimit = 1 << 20

func (s *Simulator) find(r *http.Request) (details, error) {
	delivery, post, ok := s.History.Find(r.PathValue("id"))
	if !ok {
		return details{}, notFound("this delivery is no longer kept: only the last %d are", history.MaxDeliveries)
	}
	d := details{
		Delivery: delivery,
		Method:   http.MethodPost,
		URL:      s.Webhook(delivery.Function),
		Header:   post.Header,
		Body:     string(post.Body),
		Answer:   post.Answer,
	}
	for _, invocation := range delivery.Invocations {
		if t, err := s.Transcripts.Find(invocation.ID); err == nil {
			d.Transcripts = append(d.Transcripts, t)
		}
	}
	if delivery.Queue != "" {
		d.Method, d.URL, d.Body = "", "", d.queueMessage()
		return d, nil
	}
	if d.Body == "" && len(d.Transcripts) > 0 {
		d.Body = string(d.Transcripts[0].Events)
	}
	if value, isHTTP := d.httpRequest(); isHTTP {
		return d, d.showHTTP(value, s.About.Address)
	}
	if method, address, isHTTP := onlyAddress(delivery); isHTTP {
		d.Method, d.URL = method, address // nothing more is kept
		return d, nil
	}
	if d.Header == nil {
		d.Header = map[string]string{"Content-Type": "application/json; charset=utf-8", "Aeg-Event-Type": "Notification"}
	}
	return d, nil
}

func (s *Simulator) delivery(r *http.Request) (any, error) {
	d, err := s.find(r)
	if err != nil {
		return nil, err
	}
	if d.URL != "" && (d.Body != "" || d.request != nil) {
		d.Curl = curl(d.Method, d.URL, d.Header, d.Body)
	}
	for i := range d.Transcripts {
		t := &d.Transcripts[i]
		t.Request, t.Response, t.Events = cut(t.Request), cut(t.Response), jsontext.Value("null")
	}
	return d, nil
}

func cut(text string) string {
	if len(text) <= textLimit {
		return text
	}
	return strings.ToValidUTF8(text[:textLimit], "") + fmt.Sprintf("\n… %d more bytes", len(text)-textLimit)
}

// curl returns the command that posts a delivery, for a POSIX shell.
func curl(method, url string, header map[string]string, body string) string {
	quote := func(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
	command := []string{"curl -i " + quote(url)}
	if usual := map[bool]string{true: http.MethodPost, false: http.MethodGet}[body != ""]; method != usual {
		command[0] = "curl -i -X " + method + " " + quote(url)
	}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if name != eventgrid.HeaderDelivery { // it would be taken for the same delivery
			command = append(command, "-H "+quote(name+": "+header[name]))
		}
	}
	if body != "" {
		command = append(command, "--data-binary "+quote(body))
	}
	return strings.Join(command, " \\\n  ")
}

// queueMessage returns the text of the queue message that invoked the function;
// empty if it is no longer kept.
func (d *details) queueMessage() string {
	var texts []string
	if len(d.Transcripts) == 0 || json.Unmarshal(d.Transcripts[0].Events, &texts, tolerant) != nil || len(texts) != 1 {
		return ""
	}
	return texts[0]
}

// sendAgain publishes the events of a delivery again, adds its queue message to the
// queue again, or repeats a direct call.
func (s *Simulator) sendAgain(r *http.Request, _ empty) (any, error) {
	d, err := s.find(r)
	switch {
	case err != nil:
		return nil, err
	case d.Body == "" && d.request == nil:
		return nil, notFound("the events of this delivery are no longer kept")
	case d.Queue != "":
		return nil, s.Storage.Enqueue(r.Context(), d.Queue, []byte(d.Body))
	case d.Meta:
		return nil, s.Events.PublishWebhook([]byte(d.Body))
	case d.Subscription != "":
		return nil, s.publishBody([]byte(d.Body))
	}
	request, err := s.request(r.Context(), d)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(response.Body, textLimit))
	if response.StatusCode >= http.StatusMultipleChoices {
		return nil, conflict(fmt.Errorf("the answer is %s %s", response.Status, bytes.TrimSpace(answer)))
	}
	return nil, nil
}

// request returns the request of a direct call.
func (s *Simulator) request(ctx context.Context, d details) (*http.Request, error) {
	if d.request != nil {
		return d.request.WithContext(ctx), nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, strings.NewReader(d.Body))
	if err != nil {
		return nil, err
	}
	for name, value := range d.Header {
		request.Header.Set(name, value)
	}
	return request, nil
}

// saveCase saves the last invocation of a delivery as a test case.
func (s *Simulator) saveCase(r *http.Request, _ empty) (any, error) {
	d, err := s.find(r)
	switch {
	case err != nil:
		return nil, err
	case s.SaveCase == nil || !s.Storage.Local():
		return nil, notFound("test cases can't be saved here")
	case len(d.Transcripts) == 0:
		return nil, conflict(errors.New("there is no transcript of this delivery"))
	}
	file, err := s.SaveCase(r.Context(), d.Transcripts[len(d.Transcripts)-1])
	if err != nil {
		return nil, conflict(err)
	}
	return map[string]string{"file": file}, nil
}
