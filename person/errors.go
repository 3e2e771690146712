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

// brief returns the status and the code of an error of the service. Its whole text
// has the address, in which a person's number may be.
func brief(err error) error {
	if response, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return fmt.Errorf("%d %s", response.StatusCode, response.ErrorCode)
	}
	if operation, ok := errors.AsType[*net.OpError](err); ok {
		return operation
	}
	if request, ok := errors.AsType[*url.Error](err); ok {
		return request.Err
	}
	return err
}
