package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json/v2"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/whatsapp"
)

const topicAddress = "http://" + defaultAddress + eventgrid.Path

// sendOptions are the flags of devhost send.
type sendOptions struct {
	topic     string
	provider  string
	schema    string
	print     bool
	textFile  string
	messageID string
	person    whatsapp.Person
	channel   string

	message     whatsapp.Message
	media       map[string]*bool
	file        string
	uploaded    whatsapp.Media // --file
	mimeType    string
	fileName    string
	animated    bool
	button      whatsapp.Button
	replyButton string
	listItem    string
	reaction    whatsapp.Reaction
	unreact     bool

	status whatsapp.Status

	count int
	wait  bool

	meta metaOptions
}

func (p *program) sendCommand() *cobra.Command {
	o := sendOptions{media: map[string]*bool{}}
	command := &cobra.Command{
		Use:   "send [file...]",
		Short: "Publish an event to a running devhost",
		Long: `Publish an event to a running devhost: a message from a WhatsApp user, the status
of a message to one, or the events of files, unchanged. devhost stores them before
it answers; devhost run logs what the app does with them.

The provider is Azure Communication Services, which publishes to Event Grid, or
Meta, whose webhooks devhost signs with the first of the app's META_APP_SECRETS
and delivers as Meta does. A file is then the body of one webhook.

The file - is standard input. A file may have one event, an array of events, or
several of them, such as one on each line.`,
		Example: `  devhost send --text 'Is order 12345 ready?'
  devhost send --image --text 'The one on the left' --from 14255550199
  devhost send --file photo.jpg --text 'The one on the left'
  devhost send audio --file voice.ogg
  devhost send --button Unsubscribe --bsuid US.13491208655302741918
  devhost send --reply-button yes=Yes --reply-to 5796a670-482c-490e-8d97-82bfcdc83011
  devhost send --react 👍 --on 5796a670-482c-490e-8d97-82bfcdc83011
  devhost send --status failed --code 131047
  devhost send --status undelivered --code 131026
  devhost send --text Hello --count 100 --wait
  devhost send testdata/events/eg_batch_mixed.json
  jq -c '.[]' events.json | devhost send -
  devhost send --provider meta --text 'Is order 12345 ready?'
  devhost send --provider meta --location 44.53461,-110.83772 --place 'Example Park'
  devhost send --provider meta --preference stop
  devhost send --provider meta testdata/webhooks/order.json`,
		RunE: func(command *cobra.Command, files []string) error {
			files, err := o.takeKind(files)
			if err := cmp.Or(err, checkProvider(command.Flags(), o.provider), checkFlags(command.Flags()), o.checkValues()); err != nil {
				return usageError{err}
			}
			return p.send(command, o, files)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.message.Text, "text", "", "a `text`, or the caption of media")
	flags.StringVar(&o.textFile, "text-file", "", "a `file` with the text, for long ones")
	for _, kind := range mediaKinds {
		o.media[kind] = flags.Bool(kind, false, "send "+article(kind))
	}
	flags.StringVar(&o.file, "file", "", "the `file` of a message with media, which devhost serves to the app as the provider does; its type chooses the kind of message")
	flags.StringVar(&o.fileName, "file-name", "", "the `name` of a document")
	flags.StringVar(&o.mimeType, "mime-type", "", "the media's `type`, if not the usual one")
	flags.BoolVar(&o.animated, "animated", false, "the sticker moves")
	flags.StringVar(&o.button.Text, "button", "", "press a template's button with this `text`")
	flags.StringVar(&o.button.Payload, "payload", "", "the `payload` of the button, if not its text")
	flags.StringVar(&o.replyButton, "reply-button", "", "press a reply button, `id=title`")
	flags.StringVar(&o.listItem, "list-item", "", "pick an entry of a list, `id=title`")
	flags.StringVar(&o.reaction.Emoji, "react", "", "put an `emoji` on a message (--on)")
	flags.BoolVar(&o.unreact, "unreact", false, "take the emoji off a message (--on)")
	flags.StringVar(&o.reaction.MessageID, "on", "", "the `id` of the message that the emoji is on")
	flags.StringVar(&o.message.ReplyTo, "reply-to", "", "the `id` of the message that this one answers")
	flags.StringVar(&o.status.Status, "status", "", "a message's `status`: sent, delivered, read, failed, or another word")
	flags.StringVar(&o.status.Code, "code", "", "the error `code` of a status that is failed or unknown (default of failed: 131026, undeliverable)")
	flags.StringVar(&o.messageID, "message-id", "", "the `id` of the message (default: a new one)")
	flags.StringVar(&o.person.Phone, "from", "", "the WhatsApp user's phone `number`, also of a status (default: "+whatsapp.Phone+", or none with --bsuid)")
	flags.StringVar(&o.person.BSUID, "bsuid", "", "the WhatsApp user's business-scoped `id`")
	flags.StringVar(&o.channel, "channel", "", "the `id` of the business's channel, with --provider meta that of its phone number")
	flags.StringVar(&o.provider, "provider", providerACS, "the `provider`: acs (Azure Communication Services) or meta")
	o.meta.addTo(flags)
	flags.StringVar(&o.schema, "schema", string(whatsapp.EventGrid), "the `schema` to publish in: eventgrid or cloudevents")
	flags.StringVar(&o.topic, "topic", topicAddress, "the `address` of devhost, or of another topic to publish at")
	flags.IntVar(&o.count, "count", 1, "send the message this `number` of times, each with a new id")
	flags.BoolVar(&o.wait, "wait", false, "wait until the events are delivered, print what was written, and exit with 1 if one was rejected")
	flags.BoolVar(&o.print, "print", false, "print the events and publish nothing")
	command.MarkFlagsMutuallyExclusive(slices.Concat(mediaKinds, []string{"button", "reply-button", "list-item", "react", "unreact", "status"}, metaKinds)...)
	command.MarkFlagsMutuallyExclusive("text", "text-file", "status")
	command.MarkFlagsMutuallyExclusive("print", "wait")
	command.MarkFlagsMutuallyExclusive("print", "file")
	for _, other := range slices.Concat([]string{"button", "reply-button", "list-item", "react", "unreact", "status"}, metaKinds) {
		command.MarkFlagsMutuallyExclusive("file", other)
	}
	command.MarkFlagsMutuallyExclusive("reply-to", "status")
	for _, kind := range metaWithoutText {
		command.MarkFlagsMutuallyExclusive("text", "text-file", kind)
	}
	for _, detail := range []string{"forwarded", "advert"} {
		command.MarkFlagsMutuallyExclusive("status", "preference", detail)
	}
	return command
}

// checkFlags refuses flags that have no effect without another one.
func checkFlags(flags *pflag.FlagSet) error {
	needs := []struct {
		flag   string
		others []string
	}{
		{"file-name", []string{"document", "file"}},
		{"mime-type", slices.Concat(mediaKinds, []string{"file"})},
		{"animated", []string{"sticker"}},
		{"payload", []string{"button"}},
		{"on", []string{"react", "unreact"}},
		{"code", []string{"status"}},
		{"voice", []string{"audio"}},
		{"place", []string{"location"}},
	}
	for _, need := range needs {
		if flags.Changed(need.flag) && !slices.ContainsFunc(need.others, flags.Changed) {
			return fmt.Errorf("--%s has no effect without --%s", need.flag, strings.Join(need.others, " or --"))
		}
	}
	return nil
}

func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

func (p *program) send(command *cobra.Command, o sendOptions, files []string) error {
	address, err := publishAddress(o.topic, o.provider)
	if err != nil {
		return err
	}
	var bodies [][]byte
	if o.textFile != "" {
		text, err := os.ReadFile(o.textFile)
		if err != nil {
			return err
		}
		o.message.Text = strings.TrimSuffix(string(text), "\n")
	}
	if o.file != "" {
		if err := o.upload(command.Context(), address); err != nil {
			return err
		}
	}
	if len(files) == 0 {
		if bodies, err = o.bodies(time.Now()); err != nil {
			return usageError{err}
		}
	}
	for _, file := range files {
		body, err := readInput(os.Stdin, file)
		if err != nil {
			return err
		}
		bodies = append(bodies, body)
	}
	var running *updates
	if o.wait {
		ctx, stop := context.WithTimeout(command.Context(), waitLimit)
		defer stop()
		if running, err = follow(ctx, address); err != nil {
			return err
		}
		defer running.close()
	}
	for i, body := range bodies {
		if o.print {
			fmt.Fprintf(p.stdout, "%s\n", bytes.TrimSpace(body))
			continue
		}
		if err := eventgrid.PublishTo(command.Context(), address, body); err != nil && len(files) > 0 {
			return fmt.Errorf("%s: %w", files[i], err)
		} else if err != nil {
			return err
		}
	}
	if o.print {
		return nil
	}
	events := p.published(bodies, o.provider)
	if running != nil {
		return p.wait(running, events)
	}
	return nil
}

// maxLines is the largest number of events that have a line each.
const maxLines = 20

// published prints a line for each published event, or how many they are. It returns
// their number.
func (p *program) published(bodies [][]byte, provider string) (number int) {
	var lines []string
	for _, body := range bodies {
		events, err := eventgrid.ParseEvents(body)
		if provider == providerMeta {
			events, err = eventgrid.Updates(body), nil
		}
		if err != nil {
			continue // the topic has accepted it
		}
		for _, e := range events {
			var data struct {
				MessageID string `json:"messageId"`
			}
			text := fmt.Sprintf("published %s, event %s", eventgrid.Printable(e.Type()), eventgrid.Printable(e.ID()))
			if json.Unmarshal(e.Data(), &data) == nil && data.MessageID != "" {
				text += ", message " + eventgrid.Printable(data.MessageID)
			}
			lines = append(lines, text)
		}
	}
	if len(lines) > maxLines {
		fmt.Fprintf(p.stdout, "published %d events\n", len(lines))
		return len(lines)
	}
	for _, line := range lines {
		fmt.Fprintln(p.stdout, line)
	}
	return len(lines)
}
