package bridge_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/internal/testkit"
)

// call makes a call of what a vector's body says.
func call(t *testing.T, v testkit.Vector) bridge.Call {
	t.Helper()
	body, err := dotnet.Read([]byte(v.Request.Body), dotnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	field := func(value dotnet.Value, name string) dotnet.Value {
		found, _ := value.Get(name)
		return found
	}
	data := field(body, "Data").Fields[0]
	trigger := data.Value
	system := field(field(body, "Metadata"), "sys")
	now, err := time.Parse(time.RFC3339Nano, field(system, "UtcNow").Text)
	if err != nil {
		t.Fatal(err)
	}
	c := bridge.Call{
		ID:       v.Request.Headers["X-Azure-Functions-InvocationId"],
		Function: field(system, "MethodName").Text,
		Trigger:  data.Name,
		Events:   []dotnet.Value{trigger},
		Now:      now,
		GUID:     field(system, "RandGuid").Text,
	}
	if data.Name == "queueItem" {
		c.Message = queueMessage(t, field(body, "Metadata"), trigger.Text)
		c.Events = []dotnet.Value{c.Message.Value()}
	} else if trigger.Kind == dotnet.KindString {
		events, err := dotnet.Read([]byte(trigger.Text), dotnet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c.Events, c.Many = events.Items, true
	}
	if _, ok := field(body, "Metadata").Get("RetryContext"); ok {
		c.Retry = &bridge.Retry{Count: 0, Max: 2}
	}
	return c
}

// queueMessage makes the message whose metadata a vector has.
func queueMessage(t *testing.T, metadata dotnet.Value, encoded string) *bridge.QueueMessage {
	t.Helper()
	text := func(name string) string {
		value, _ := metadata.Get(name)
		return value.Text
	}
	decoded := func(encoded string) string {
		value, err := dotnet.Read([]byte(encoded), dotnet.Options{})
		testkit.Must(t, err)
		return value.Text
	}
	at := func(name string) time.Time {
		parsed, err := time.Parse(time.RFC3339, text(name))
		testkit.Must(t, err)
		return parsed
	}
	return &bridge.QueueMessage{Queue: "q", Message: storage.Message{
		ID: decoded(text("Id")), Receipt: decoded(text("PopReceipt")), DequeueCount: 1,
		Inserted: at("InsertionTime"), Expires: at("ExpirationTime"), NextVisible: at("NextVisibleTime"), Body: []byte(decoded(encoded)),
	}}
}

// The requests are those of the host, byte for byte.
func TestRequestVectors(t *testing.T) {
	for _, v := range testkit.ReadVectors(t, "requests", 20)[:19] { // the last is the probe
		t.Run(v.Name, func(t *testing.T) {
			got := testkit.Vector{Name: v.Name}
			handler := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				got.Request.Method, got.Request.Path, got.Request.Body = r.Method, r.URL.String(), string(body)
				got.Request.Headers = map[string]string{"Host": r.Host}
				for header := range r.Header {
					got.Request.Headers[header] = r.Header.Get(header)
				}
				if len(r.TransferEncoding) > 0 {
					got.Request.Headers["Transfer-Encoding"] = r.TransferEncoding[0]
				}
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, "{}")
			}))
			defer handler.Close()

			_, length := v.Request.Headers["Content-Length"]
			client := bridge.NewClient(handler.Listener.Addr().String())
			client.Length = length
			if _, _, err := client.Do(t.Context(), call(t, v), nil); err != nil {
				t.Fatal(err)
			}
			want := v
			want.Request.Headers = map[string]string{}
			for header, value := range v.Request.Headers {
				want.Request.Headers[http.CanonicalHeaderKey(header)] = value
			}
			want.Request.Headers["Host"] = handler.Listener.Addr().String()
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The header names are sent in the host's spelling.
func TestHeaderNames(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	sent := make(chan string, 1)
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		defer connection.Close()
		request := make([]byte, 4096)
		n, _ := connection.Read(request)
		sent <- string(request[:n])
		_, _ = io.WriteString(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
	}()
	client := bridge.NewClient(listener.Addr().String())
	if _, _, err := client.Do(t.Context(), bridge.Call{Function: "F", Trigger: "e", Events: []dotnet.Value{{}}}, nil); err != nil {
		t.Fatal(err)
	}
	got := <-sent
	for _, name := range []string{"X-Azure-Functions-HostVersion: ", "X-Azure-Functions-InvocationId: "} {
		if !strings.Contains(got, "\r\n"+name) {
			t.Errorf("%q is not sent:\n%s", name, got)
		}
	}
}
