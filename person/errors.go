package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// isCode reports whether the service answered with one of these error codes.
func isCode(err error, codes ...string) bool {
	response, ok := errors.AsType[*azcore.ResponseError](err)
	return ok && slices.Contains(codes, response.ErrorCode)
}

// answer is an error that the service answered with.
type answer struct {
	status int
	code   string
}

func (a answer) Error() string { return fmt.Sprintf("%d %s", a.status, a.code) }

// unreachable reports whether an error is not an answer of the service: there is no
// connection or no credential.
func unreachable(err error) bool {
	_, ok := errors.AsType[answer](err)
	return !ok
}

// brief returns the status and the code of an error of the service. Its whole text
// has the address, in which a person's number may be.
func brief(err error) error {
	if response, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return answer{response.StatusCode, response.ErrorCode}
	}
	if operation, ok := errors.AsType[*net.OpError](err); ok {
		return operation
	}
	if request, ok := errors.AsType[*url.Error](err); ok {
		return request.Err
	}
	return err
}
