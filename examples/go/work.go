package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
)

// handleMessage is the work for a message of inbound-messages. Replace it. If it
// returns an error, it is called again later, five times at most; ctx is
// cancelled if another consumer has taken over. It must not depend on the row in
// Messages, which may be written later.
func handleMessage(_ context.Context, e event) error {
	var data struct {
		MessageID     string   `json:"messageId"`
		Kind          string   `json:"kind"` // not an enumeration: a version may gain values
		Conversations []string `json:"conversations"`
		Text          string   `json:"text"`
		Media         struct {
			ID   string `json:"id"`
			Blob string `json:"blob"` // where the media app stores the file
		} `json:"media"`
		Reaction struct {
			Emoji string `json:"emoji"`
		} `json:"reaction"`
	}
	if err := decode(e.Data, &data); err != nil {
		return err
	}
	content := cmp.Or(data.Text, data.Media.Blob, data.Media.ID, data.Reaction.Emoji)
	fmt.Printf("%s %s from %s: %s\n", cmp.Or(data.MessageID, e.ID), data.Kind, strings.Join(data.Conversations, " "), content)
	return nil
}

// The types of the messages of media-results.
const (
	fileStored = "conversation.media.stored.v1"
	fileFailed = "conversation.media.failed.v1"
)

// handleFile is the work for a message of media-results. Replace it. The source and
// subject are those of the message with the file, which may be handled before or
// after: keep the result where the message is or will be.
func handleFile(_ context.Context, e event) error {
	var data struct {
		Container string `json:"container"`
		Blob      string `json:"blob"`
		Size      int64  `json:"size"`
		MIMEType  string `json:"mimeType"`
		Reason    string `json:"reason"`
		Detail    string `json:"detail"`
	}
	if err := decode(e.Data, &data); err != nil {
		return err
	}
	if e.Type == fileFailed {
		fmt.Printf("%s has no file, %s: %s\n", e.Subject, data.Reason, data.Detail)
	} else {
		fmt.Printf("%s has the file %s/%s: %s, %d bytes\n", e.Subject, data.Container, data.Blob, data.MIMEType, data.Size)
	}
	return nil
}

// handleFailure is the work for a message of failed-messages. Replace what it
// prints. It reads the current status first: a message that is reported as
// failed may have been delivered since. stop ends the wait for storage.
func handleFailure(stop context.Context, s storage, e event) error {
	var data struct {
		MessageID string `json:"messageId"`
		Error     struct {
			Code string `json:"code"`
		} `json:"error"`
		Failure struct {
			Class  string `json:"class"`
			Retry  string `json:"retry"`
			Advice string `json:"advice"`
		} `json:"failure"`
	}
	if err := decode(e.Data, &data); err != nil {
		return err
	}
	var current statusRow
	err := persist(stop, func(ctx context.Context) (err error) {
		current, _, err = currentStatus(ctx, s, data.MessageID)
		return err
	})
	if err != nil {
		return err
	}
	decision := "do not send it again"
	switch {
	case current.reached():
		decision = current.Status + " since, nothing to do"
	case data.Failure.Retry == "backoff":
		decision = "send it again later"
	case data.Failure.Retry == "check-first":
		decision = "it may have been sent, ask before you send it again"
	}
	fmt.Printf("%s failed, %s %s: %s\n", data.MessageID, data.Failure.Class, cmp.Or(data.Error.Code, "without a code"), decision)
	return nil
}
