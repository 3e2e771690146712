package simulator

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"whatsapp-functions/devhost/trace"
	"whatsapp-functions/devhost/transcript"
)

// details are all that is known of a delivery.
type details struct {
	trace.Delivery
	// URL, Header and Body are what was posted; Answer is the beginning of
	// what was answered.
	URL    string            `json:"url"`
	Header map[string]string `json:"header,omitzero"`
	Body   string            `json:"body,omitzero"`
	Answer string            `json:"answer,omitzero"`
	Curl   string            `json:"curl,omitzero"`
	// Transcripts are those of its invocations.
	Transcripts []transcript.Transcript `json:"transcripts"`
}

// textLimit is how much of a request or a response is shown.
const textLimit = 1 << 20

func (s *Simulator) find(r *http.Request) (details, error) {
	id := r.PathValue("id")
	delivery, post, ok := s.options.Trace.Find(id)
	if !ok {
		return details{}, missing("this delivery is not kept any more: the last %d are", trace.MaxDeliveries)
	}
	d := details{
		Delivery: delivery,
		URL:      s.options.Webhook(delivery.Function),
		Header:   post.Header,
		Body:     string(post.Body),
		Answer:   post.Answer,
	}
	for _, invocation := range delivery.Invocations {
		t, err := s.options.Transcripts.Find(invocation.ID)
		if errors.Is(err, transcript.ErrNone) {
			continue
		}
		if err != nil {
			return details{}, err
		}
		d.Transcripts = append(d.Transcripts, t)
	}
	if d.Body == "" && len(d.Transcripts) > 0 {
		d.Body = string(d.Transcripts[0].Events)
	}
	if d.Header == nil {
		d.Header = map[string]string{"Content-Type": "application/json; charset=utf-8", "Aeg-Event-Type": "Notification"}
	}
	return d, nil
}

// delivery tells all that is known of a delivery.
func (s *Simulator) delivery(r *http.Request) (any, error) {
	d, err := s.find(r)
	if err != nil {
		return nil, err
	}
	if d.Body != "" {
		d.Curl = curl(d.URL, d.Header, d.Body)
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
	return strings.ToValidUTF8(text[:textLimit], "") + fmt.Sprintf("\n… %d bytes more", len(text)-textLimit)
}

// again publishes the events of a delivery once more. If it was somebody else
// who called the function, it is called once more.
func (s *Simulator) again(r *http.Request) (any, error) {
	if err := decode(r, &struct{}{}); err != nil {
		return nil, err
	}
	d, err := s.find(r)
	switch {
	case err != nil:
		return nil, err
	case d.Body == "":
		return nil, missing("the events of this delivery are not kept any more")
	case d.Subscription != "":
		return nil, s.publishBody([]byte(d.Body))
	}
	request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, d.URL, strings.NewReader(d.Body))
	if err != nil {
		return nil, err
	}
	for name, value := range d.Header {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(response.Body, textLimit))
	if response.StatusCode >= http.StatusMultipleChoices {
		return nil, refused(fmt.Errorf("the webhook answered %s %s", response.Status, bytes.TrimSpace(answer)))
	}
	return nil, nil
}

// saveCase makes a test case of a delivery's invocation: of the one, or of the
// last one.
func (s *Simulator) saveCase(r *http.Request) (any, error) {
	if err := decode(r, &struct{}{}); err != nil {
		return nil, err
	}
	d, err := s.find(r)
	switch {
	case err != nil:
		return nil, err
	case s.options.SaveCase == nil:
		return nil, missing("no test cases are made here")
	case len(d.Transcripts) == 0:
		return nil, missing("no test case can be made of a delivery that led to no invocation, or to one whose transcript is gone")
	}
	file, err := s.options.SaveCase(r.Context(), d.Transcripts[len(d.Transcripts)-1])
	if err != nil {
		return nil, refused(err)
	}
	return map[string]string{"file": file}, nil
}
