package azure

import (
	"bytes"
	"encoding/json/v2"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// isCode reports whether the service answered with one of these error codes.
func isCode(err error, codes ...string) bool {
	response, ok := errors.AsType[*azcore.ResponseError](err)
	return ok && slices.Contains(codes, response.ErrorCode)
}

// brief returns the service's own words, without the headers that the clients
// print.
func brief(err error) error {
	if response, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return fmt.Errorf("%d %s%s", response.StatusCode, response.ErrorCode, message(response.RawResponse))
	}
	if operation, ok := errors.AsType[*net.OpError](err); ok {
		return operation.Err
	}
	return err
}

// message returns what the service writes about an error: queues and blobs in
// XML, tables in JSON. It ends with lines for the request's id and time.
func message(response *http.Response) string {
	if response == nil {
		return ""
	}
	body, _ := runtime.Payload(response)
	var inXML struct {
		Message string `xml:"Message"`
	}
	var inJSON struct {
		Error struct {
			Message struct {
				Value string `json:"value"`
			} `json:"message"`
		} `json:"odata.error"`
	}
	_ = xml.Unmarshal(bytes.TrimPrefix(body, []byte("\uFEFF")), &inXML)
	_ = json.Unmarshal(body, &inJSON)
	text, _, _ := strings.Cut(inXML.Message+inJSON.Error.Message.Value, "\nRequestId:")
	if text = strings.Join(strings.Fields(text), " "); text != "" {
		return ": " + text
	}
	return ""
}

// transactionErrors makes the error of a transaction visible. The service
// answers 202 with the error in a response inside the body; the client
// (aztables 1.4.1) reports an error without its code.
type transactionErrors struct{}

var (
	failedPart = regexp.MustCompile(`HTTP/1\.1 ([45][0-9]{2}) `)
	errorCode  = regexp.MustCompile(`"code"\s*:\s*"([A-Za-z]+)"`)
)

// Do implements [policy.Policy].
func (transactionErrors) Do(request *policy.Request) (*http.Response, error) {
	response, err := request.Next()
	if err != nil || !strings.HasPrefix(response.Header.Get("Content-Type"), "multipart/mixed") {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	part := failedPart.FindSubmatch(body)
	if part == nil {
		return response, nil
	}
	failure := &azcore.ResponseError{RawResponse: response}
	failure.StatusCode, _ = strconv.Atoi(string(part[1]))
	if code := errorCode.FindSubmatch(body); code != nil {
		failure.ErrorCode = string(code[1])
	}
	return nil, failure
}
