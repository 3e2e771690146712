package azure

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// transactionErrors tells what is wrong with a transaction. The service answers
// 202 and says in the body, a response in a part of a part, what failed; the
// client (aztables 1.4.1) notices that something did, but not what.
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
