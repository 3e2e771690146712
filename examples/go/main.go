// Command conversation-consumer is a consumer of what the functions write. To a
// queue, messages come at least once and in any order; that makes most of what
// is here.
//
//	go run . consume                     take all waiting messages
//	go run . window <conversation>...    may free text be sent?
//	go run . status <messageId>          what became of what was sent?
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv("CONVERSATION_STORAGE")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, account string) error {
	if account == "" || len(args) == 0 {
		return fmt.Errorf("set CONVERSATION_STORAGE, and call: go run . consume | window <conversation>... | status <messageId>")
	}
	s, err := open(account)
	if err != nil {
		return err
	}
	switch command, args := args[0], args[1:]; {
	case command == "consume":
		return consume(ctx, s)
	case command == "window":
		return window(ctx, s, args)
	case command == "status" && len(args) == 1:
		return status(ctx, s, strings.ToLower(args[0]))
	default:
		return fmt.Errorf("there is no %s", command)
	}
}
