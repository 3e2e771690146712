// Command conversation-consumer reads what the functions write: three queues,
// and the tables Messages and MessageStatus.
//
//	go run . consume                     handle messages until stopped
//	go run . failures                    decide about failed messages until stopped
//	go run . files                       learn which files are stored until stopped
//	go run . window <conversation>...    may free text be sent?
//	go run . status <messageId>          the current status of a sent message
//
// A conversation is <channel id>|<phone number or BSUID>, or an entry of a
// message's conversations.
//
// Replace the functions in work.go by your own.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

const usage = `usage: go run . consume | failures | files | window <conversation>... | status <messageId>

CONVERSATION_STORAGE   name of the storage account, or a connection string
CONSUMER_VISIBILITY    seconds until a message of a consumer that crashed is
                       visible to others again; default 60`

var errUsage = errors.New(usage)

func main() {
	// At SIGTERM and Ctrl-C consume finishes the message at hand. A second
	// signal ends the process at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	switch err := run(ctx, os.Args[1:]); {
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	account := os.Getenv("CONVERSATION_STORAGE")
	if account == "" || len(args) == 0 {
		return errUsage
	}
	s, err := open(account)
	if err != nil {
		return err
	}
	switch command, args := args[0], args[1:]; {
	case command == "consume" && len(args) == 0:
		return consume(ctx, s, "inbound-messages", handleMessage, "conversation.message.received.v1")
	case command == "failures" && len(args) == 0:
		return consume(ctx, s, "failed-messages", func(_ context.Context, e event) error {
			return handleFailure(ctx, s, e)
		}, "conversation.message.status.v1")
	case command == "files" && len(args) == 0:
		return consume(ctx, s, "media-results", handleFile, fileStored, fileFailed)
	case command == "window" && len(args) > 0:
		return window(ctx, s, args)
	case command == "status" && len(args) == 1:
		return status(ctx, s, args[0])
	default:
		return errUsage
	}
}

// visibility returns for how long a received message is invisible to other
// consumers, unless it is renewed.
func visibility() (time.Duration, error) {
	text := os.Getenv("CONSUMER_VISIBILITY")
	if text == "" {
		return time.Minute, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 1 {
		return 0, fmt.Errorf("CONSUMER_VISIBILITY is %q, want a number of seconds\n\n%w", text, errUsage)
	}
	return time.Duration(seconds) * time.Second, nil
}
