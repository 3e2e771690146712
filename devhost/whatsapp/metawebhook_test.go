package whatsapp_test

import (
	"bufio"
	"bytes"
	"encoding/json/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/whatsapp"
)

// webhooker is a message, a status or a preference.
type webhooker interface {
	Webhook(at time.Time) ([]byte, error)
}

// sampleTime is the time of the updates in testdata/webhooks.jsonl.
var sampleTime = time.Unix(1764144901, 0)

// Each kind of message, status and preference becomes a webhook like the sample
// of it.
func TestWebhooksAreLikeSamples(t *testing.T) {
	const (
		id      = "wamid.HBgLMTQyNTU1NTAxMjMVAgASGBQ8000QUJDREVGRwA="
		first   = "wamid.HBgLMTQyNTU1NTAxMjMVAgASGBQ0001QUJDREVGRwA="
		sent    = "wamid.HBgLMTQyNTU1NTAxMjMVAgASGBQ9000QUJDREVGRwA="
		mediaID = "1908647269898587"
	)
	ada := whatsapp.Person{Phone: "14255550123", BSUID: "US.13491208655302741918"}
	noPhone := whatsapp.Person{BSUID: ada.BSUID}
	media := func(m whatsapp.Media) *whatsapp.Media {
		m.ID = mediaID
		return &m
	}
	only := func(o whatsapp.OnlyMeta) whatsapp.Message { return whatsapp.Message{From: ada, OnlyMeta: o} }
	kind := func(kind string, m whatsapp.Message) whatsapp.Message {
		m.Kind = kind
		if m.From == (whatsapp.Person{}) {
			m.From = ada
		}
		return m
	}
	reply := func(m whatsapp.Message) whatsapp.Message {
		m.ReplyTo = id
		return m
	}
	text := func(m whatsapp.Message, text string) whatsapp.Message {
		m.Text = text
		return m
	}
	question := whatsapp.Message{Text: "Is order 12345 ready?"}
	made := map[string]webhooker{
		"text":             kind("text", question),
		"username":         kind("text", whatsapp.Message{Text: question.Text, From: whatsapp.Person{Phone: ada.Phone, BSUID: ada.BSUID, Username: "ada.example"}}),
		"bsuid-only":       kind("text", whatsapp.Message{Text: question.Text, From: whatsapp.Person{BSUID: ada.BSUID, Username: "ada.example"}}),
		"image-caption":    kind("image", whatsapp.Message{Text: "Where is this?", Media: media(whatsapp.Media{})}),
		"video":            kind("video", whatsapp.Message{Text: "Look", Media: media(whatsapp.Media{})}),
		"voice":            kind("audio", whatsapp.Message{Media: media(whatsapp.Media{Voice: true})}),
		"document-accents": kind("document", whatsapp.Message{Text: "My CV", Media: media(whatsapp.Media{FileName: "Résumé d’été.pdf"})}),
		"sticker-animated": kind("sticker", whatsapp.Message{Media: media(whatsapp.Media{Animated: true})}),
		"location-place": kind("location", only(whatsapp.OnlyMeta{Location: &whatsapp.Location{
			Latitude: 44.53461, Longitude: -110.83772, Name: "Example Park", Address: "1 Example Way, Exampleton", URL: "https://park.example/",
		}})),
		"contacts-one":           kind("contacts", only(whatsapp.OnlyMeta{Contacts: []whatsapp.Contact{{Name: "Carol Example", Phone: "14255550142"}}})),
		"button-reply":           reply(kind("interactive", whatsapp.Message{Choice: &whatsapp.Choice{ID: "yes", Title: "Yes"}})),
		"list-reply":             reply(kind("interactive", whatsapp.Message{Choice: &whatsapp.Choice{List: true, ID: "row-1", Title: "Tomorrow", Description: "10:00 to 12:00"}})),
		"flow-reply":             reply(kind("interactive", only(whatsapp.OnlyMeta{Flow: &whatsapp.Flow{Response: `{"flow_token":"t-1","date":"2026-12-01","guests":2}`}}))),
		"address-reply":          reply(text(kind("interactive", only(whatsapp.OnlyMeta{Flow: &whatsapp.Flow{Address: true, Response: `{"saved_address_id":"address1","values":{"name":"Ada Example","city":"Exampleton"}}`}})), "Ada Example\n1 Example Way")),
		"call-permission-accept": reply(kind("interactive", only(whatsapp.OnlyMeta{Permission: "accept"}))),
		"call-permission-reject": reply(kind("interactive", only(whatsapp.OnlyMeta{Permission: "reject"}))),
		"quick-reply":            reply(kind("button", whatsapp.Message{Button: &whatsapp.Button{Text: "Unsubscribe", Payload: "unsubscribe-1"}})),
		"reaction":               kind("reaction", whatsapp.Message{Reaction: &whatsapp.Reaction{MessageID: id, Emoji: "👍"}}),
		"reaction-no-emoji":      kind("reaction", whatsapp.Message{Reaction: &whatsapp.Reaction{MessageID: id}}),
		"order": text(kind("order", only(whatsapp.OnlyMeta{Order: &whatsapp.Order{Items: []whatsapp.Item{
			{ProductID: "sku-1", Quantity: 2, Price: 9.5}, {ProductID: "sku-2", Quantity: 1, Price: 20},
		}}})), "Please wrap it"),
		"system-number-change":  kind("system", only(whatsapp.OnlyMeta{NewIdentity: &whatsapp.Person{Phone: "14255550155"}})),
		"system-user-id-change": kind("system", only(whatsapp.OnlyMeta{NewIdentity: &whatsapp.Person{BSUID: "US.24681208655302741918"}})),
		"edit-text":             text(kind("edit", only(whatsapp.OnlyMeta{Target: first})), "Is order 12346 ready?"),
		"revoke":                kind("revoke", only(whatsapp.OnlyMeta{Target: first})),
		"request-welcome":       kind("request_welcome", whatsapp.Message{}),
		"referral-ad-image": text(kind("text", only(whatsapp.OnlyMeta{Referral: &whatsapp.Referral{
			Type: "ad", URL: "https://fb.me/3cr4Wqqkv", SourceID: "120226305854810726", Headline: "Sale", Body: "Everything must go", ClickID: "Aff-n8ZTODiE79d22KtAwQKj9e",
		}})), "Hi"),
		"forwarded":            text(kind("text", only(whatsapp.OnlyMeta{Forwarded: "once"})), "Did you know?"),
		"forwarded-often":      text(kind("text", only(whatsapp.OnlyMeta{Forwarded: "often"})), "Did you know?"),
		"reply":                reply(kind("text", whatsapp.Message{Text: "This one"})),
		"delivered":            whatsapp.Status{MessageID: sent, Status: "Delivered", To: ada},
		"read":                 whatsapp.Status{MessageID: sent, Status: "read", To: ada},
		"played":               whatsapp.Status{MessageID: sent, Status: "played", To: ada},
		"failed":               whatsapp.Status{MessageID: sent, Status: "Failed", To: ada},
		"recipient-bsuid-only": whatsapp.Status{MessageID: sent, Status: "delivered", To: noPhone},
		"preferences-stop":     whatsapp.Preference{Person: ada, Value: "stop"},
		"preferences-resume":   whatsapp.Preference{Person: ada, Value: "resume"},
	}
	file, err := os.Open("testdata/webhooks.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	samples := 0
	for lines.Scan() {
		samples++
		var sample struct {
			Name    string `json:"name"`
			Webhook any    `json:"webhook"`
		}
		if err := json.Unmarshal(lines.Bytes(), &sample); err != nil {
			t.Fatal(err)
		}
		t.Run(sample.Name, func(t *testing.T) {
			w, ok := made[sample.Name]
			if !ok {
				t.Fatal("nothing makes this sample")
			}
			body, err := w.Webhook(sampleTime)
			if err != nil {
				t.Fatal(err)
			}
			var got any
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(comparable(t, sample.Webhook), comparable(t, got)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if samples != len(made) {
		t.Errorf("%d samples, %d descriptions", samples, len(made))
	}
}

// comparable removes what differs between a sample and a webhook that is made:
// ids of new messages, hashes, and what a description can't have.
func comparable(t *testing.T, webhook any) any {
	t.Helper()
	entry := webhook.(map[string]any)["entry"].([]any)[0].(map[string]any)
	value := entry["changes"].([]any)[0].(map[string]any)["value"].(map[string]any)
	messages, _ := value["messages"].([]any)
	for _, m := range messages {
		message := m.(map[string]any)
		if id := message["id"].(string); !strings.HasPrefix(id, "wamid.") {
			t.Errorf("id %q", id)
		}
		delete(message, "id")
		if media, ok := message[message["type"].(string)].(map[string]any); ok {
			delete(media, "sha256")
		}
		if referral, ok := message["referral"].(map[string]any); ok {
			delete(referral, "media_type")
			delete(referral, "image_url")
		}
		if contacts, ok := message["contacts"].([]any); ok { // how the number is written
			contact := contacts[0].(map[string]any)
			delete(contact["phones"].([]any)[0].(map[string]any), "phone")
			delete(contact["name"].(map[string]any), "first_name")
		}
	}
	statuses, _ := value["statuses"].([]any)
	for _, s := range statuses {
		delete(s.(map[string]any), "pricing")
		if failures, ok := s.(map[string]any)["errors"].([]any); ok {
			delete(failures[0].(map[string]any), "error_data")
		}
	}
	return webhook
}

// A webhook is in ASCII, and a slash is escaped, as Meta writes them.
func TestWebhooksAreInASCII(t *testing.T) {
	body, err := whatsapp.Message{Kind: "text", Text: "café 😀 a/b\u2028"}.Webhook(sampleTime)
	if err != nil || !bytes.Contains(body, []byte(`"caf\u00e9 \ud83d\ude00 a\/b\u2028"`)) {
		t.Errorf("%s, %v", body, err)
	}
}

// A person without a business-scoped id gets the same one in each webhook.
func TestWebhooksNameTheSamePerson(t *testing.T) {
	var bodies [][]byte
	for range 2 {
		body, err := whatsapp.Message{Kind: "request_welcome", ID: "wamid.x"}.Webhook(sampleTime)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	if !bytes.Equal(bodies[0], bodies[1]) || !bytes.Contains(bodies[0], []byte(`"from_user_id":"US.`)) {
		t.Errorf("%s", bodies)
	}
}

func TestWebhooksThatAreRefused(t *testing.T) {
	for want, w := range map[string]webhooker{
		"a location needs a latitude from -90 to 90 and a longitude from -180 to 180": whatsapp.Message{Kind: "location", OnlyMeta: whatsapp.OnlyMeta{Location: &whatsapp.Location{Latitude: 91}}},
		"a contact needs a name":                                                                       whatsapp.Message{Kind: "contacts", OnlyMeta: whatsapp.OnlyMeta{Contacts: []whatsapp.Contact{{Phone: "1"}}}},
		"an order needs products, each with an id and a quantity":                                      whatsapp.Message{Kind: "order", OnlyMeta: whatsapp.OnlyMeta{Order: &whatsapp.Order{}}},
		"a change of identity needs either the new number or the new business-scoped id":               whatsapp.Message{Kind: "system"},
		"a message of kind revoke needs the id of the message that it changes":                         whatsapp.Message{Kind: "revoke"},
		"an edited message needs its new text":                                                         whatsapp.Message{Kind: "edit", OnlyMeta: whatsapp.OnlyMeta{Target: "wamid.x"}},
		`the answer to a form or to a request for an address is "[]": it must be a JSON object`:        whatsapp.Message{Kind: "interactive", OnlyMeta: whatsapp.OnlyMeta{Flow: &whatsapp.Flow{Response: "[]"}}},
		`the answer to a request for calls is "maybe": write accept or reject`:                         whatsapp.Message{Kind: "interactive", OnlyMeta: whatsapp.OnlyMeta{Permission: "maybe"}},
		"status played has no code: only failed and unknown statuses have one":                         whatsapp.Status{Status: "Played", Code: "131026"},
		`error code "x": the codes of Meta are numbers`:                                                whatsapp.Status{Status: "failed", Code: "x"},
		"a preference is stop or resume":                                                               whatsapp.Preference{Value: "pause"},
		`status "not a word": write sent, delivered, read, failed, played, or another word of letters`: whatsapp.Status{Status: "not a word"},
	} {
		if _, err := w.Webhook(sampleTime); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// What only Meta publishes is not published as an event of Azure Communication
// Services.
func TestEventsHaveNothingThatOnlyMetaPublishes(t *testing.T) {
	for want, m := range map[string]whatsapp.Message{
		"message kind location: only Meta publishes it, Azure Communication Services does not": {Kind: "location"},
		"forms, call permissions, forwarded messages and referrals: only Meta publishes them, Azure Communication Services does not": {
			Kind: "text", Text: "x", OnlyMeta: whatsapp.OnlyMeta{Forwarded: "once"},
		},
	} {
		if _, err := m.Event(sampleTime); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
