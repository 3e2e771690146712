package main

import (
	"regexp"
	"strconv"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/record"
)

// partition returns the partition key of the statuses of a message.
func partition(messageID string) string {
	key, _ := record.StatusKeys(&conversation.Status{MessageID: messageID})
	return key
}

var escaped = regexp.MustCompile(`~[0-9a-f]{2}`)

// messageOf returns the id of the message whose statuses have a partition key. An id
// that was too long for a key is not known: the result has the same partition key
// only if the id was not cut.
func messageOf(partitionKey string) string {
	return escaped.ReplaceAllStringFunc(partitionKey, func(code string) string {
		r, _ := strconv.ParseUint(code[1:], 16, 8)
		return string(rune(r))
	})
}
