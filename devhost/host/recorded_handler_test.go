package host_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/host"
)

// recordingHandler makes the test program the handler of the recordings.
const recordingHandler = "HOST_TEST_RECORDING_HANDLER"

func TestMain(m *testing.M) {
	host.PlayProcess()
	if os.Getenv(recordingHandler) == "" {
		os.Exit(m.Run())
	}
	fmt.Fprintln(os.Stderr, http.ListenAndServe("127.0.0.1:"+os.Getenv("FUNCTIONS_CUSTOMHANDLER_PORT"), http.HandlerFunc(answerEcho)))
	os.Exit(1)
}

// answersFile is a file with the next answer; without it, events ask for theirs.
const answersFile = "HOST_TEST_ANSWERS"

// answerEcho gives the answer that data.echo of the first event or echo of the
// queue message asks for, or the one in the file of answersFile.
func answerEcho(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	request, _ := dotnet.Read(body, dotnet.Options{})
	event := field(field(request, "Data"), "event")
	if event.Kind == dotnet.KindString {
		events, _ := dotnet.Read([]byte(event.Text), dotnet.Options{})
		if len(events.Items) > 0 {
			event = events.Items[0]
		}
	}
	echo := field(field(event, "data"), "echo")
	if item := field(field(request, "Data"), "item"); item.Kind == dotnet.KindString {
		text, _ := dotnet.Read([]byte(item.Text), dotnet.Options{})
		message, _ := dotnet.Read([]byte(text.Text), dotnet.Options{})
		echo = field(message, "echo")
	}
	delay, _ := strconv.ParseFloat(field(echo, "delay").String(), 64)
	time.Sleep(time.Duration(delay * float64(time.Second)))
	if code, ok := echo.Get("exit"); ok {
		number, _ := strconv.Atoi(code.String())
		os.Exit(number)
	}
	if line, ok := echo.Get("stdout"); ok {
		fmt.Println(line.Text)
	}
	if line, ok := echo.Get("stderr"); ok {
		fmt.Fprintln(os.Stderr, line.Text)
	}
	contentType := "application/json"
	if value, ok := echo.Get("type"); ok {
		contentType = value.Text
	}
	if file := os.Getenv(answersFile); file != "" {
		text, _ := os.ReadFile(file)
		echo, _ = dotnet.Read(text, dotnet.Options{})
	}
	w.Header()["Content-Type"] = nil // none unless set
	if contentType != "" {
		w.Header().Set("Content-Type", contentType)
	}
	answer := "{}"
	if value, ok := echo.Get("answer"); ok {
		answer = value.Text
	}
	if status, ok := echo.Get("status"); ok {
		code, _ := strconv.Atoi(status.String())
		w.WriteHeader(code)
	}
	if !field(echo, "empty").Bool {
		_, _ = io.WriteString(w, answer)
	}
}

func field(v dotnet.Value, name string) dotnet.Value {
	value, _ := v.Get(name)
	return value
}
