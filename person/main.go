// Command person exports or deletes what the app has stored of one person: rows,
// queue messages, rejected and undelivered events, and files.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"

	"whatsapp-functions/handler/conversation"
)

// envConnection is the setting of the app with the account's connection string.
const envConnection = "ConversationStorage"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

const usage = `usage: person export --phone <number> [--bsuid <id>] [flags]
       person delete --phone <number> [--bsuid <id>] [flags] [--yes]

export prints all that the storage account holds of a person as lines of JSON.
delete shows what it would delete; with --yes it deletes it. It can be repeated.

The person is known by phone numbers, business-scoped ids, or both. Rows and
messages that hold two of them link them: either one is enough to find all.

The account is that of the connection string in ` + envConnection + `, or --account, for
which a login of az, a managed identity or another credential of
DefaultAzureCredential is used. It needs the roles Storage Table Data Contributor,
Storage Queue Data Contributor and Storage Blob Data Contributor.

The exit code is 1 if something could not be read or deleted, 2 for an error in
the flags.

`

// options are the flags.
type options struct {
	phones, bsuids  []string
	channels        []string
	connection      string
	account         string
	queues          []string
	eventContainers []string
	mediaContainer  string
	withoutLinks    bool
	receive         bool
	mediaFolder     string
	yes             bool
}

// errUsage marks errors in the command line: exit code 2.
var errUsage = errors.New("see person --help")

func usageError(format string, args ...any) error {
	return fmt.Errorf(format+"; %w", append(args, errUsage)...)
}

// run is the program. It returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	var o options
	flags := pflag.NewFlagSet("person", pflag.ContinueOnError)
	flags.SetOutput(stdout) // the help
	flags.SortFlags = false
	flags.Usage = func() { fmt.Fprint(stdout, usage, flags.FlagUsages()) }
	flags.StringArrayVar(&o.phones, "phone", nil, "a phone `number` of the person, with country code; may be repeated")
	flags.StringArrayVar(&o.bsuids, "bsuid", nil, "a business-scoped `id` of the person, such as US.13491208655302741918; may be repeated")
	flags.StringArrayVar(&o.channels, "channel", nil, "only this channel's `id`; may be repeated (default: all channels)")
	flags.BoolVar(&o.withoutLinks, "without-links", false, "only the given numbers and ids, not those that are linked to them")
	flags.StringVar(&o.account, "account", "", "the storage account's `name` or address, to be opened with the login of az or a managed identity")
	flags.StringVar(&o.connection, "connection", "", "the account's connection `string`, such as UseDevelopmentStorage=true (default: $"+envConnection+", which lists of processes do not show)")
	flags.StringArrayVar(&o.queues, "queue", nil, "the `name` of another queue with the app's messages, such as a poison queue of a consumer; may be repeated")
	flags.StringSliceVar(&o.eventContainers, "event-containers", []string{"rejected-events", "dead-letters"}, "the `containers` with rejected and undelivered events")
	flags.StringVar(&o.mediaContainer, "media-container", "media", "the `container` with files")
	flags.StringVar(&o.mediaFolder, "media", "", "export: save files in this `folder` (default: only their names and sizes)")
	flags.BoolVar(&o.receive, "receive", false, "export: look at more than the first 32 messages of a queue. It hides messages for up to "+hidden.String()+" and adds 1 to their dequeue count")
	flags.BoolVar(&o.yes, "yes", false, "delete: delete it, not only show it")
	err := flags.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		return 0
	}
	if err != nil {
		err = usageError("%w", err)
	} else {
		err = o.run(ctx, flags.Args(), getenv, stdout, stderr)
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintln(stderr, "person:", err)
		return 2
	default:
		fmt.Fprintln(stderr, "person:", err)
		return 1
	}
}

func (o options) run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	command := ""
	if len(args) == 1 {
		command = args[0]
	}
	isExport, isDelete := command == "export", command == "delete"
	switch {
	case !isExport && !isDelete:
		return usageError("name the command: export or delete")
	case isExport && o.yes:
		return usageError("--yes has no effect on export")
	case isDelete && (o.receive || o.mediaFolder != ""):
		return usageError("--receive and --media are for export")
	}
	who, err := o.person()
	if err != nil {
		return err
	}
	account, err := o.open(getenv)
	if err != nil {
		return err
	}
	s := search{options: o, account: account, person: who}
	if isExport {
		return s.export(ctx, stdout, stderr)
	}
	return s.delete(ctx, stdout)
}

// person returns the person that the flags name.
func (o options) person() (*person, error) {
	p := newPerson(o.channels)
	for _, phone := range o.phones {
		number := conversation.NewParticipant(phone, "").Phone
		if number == "" {
			return nil, usageError("--phone %q is not a phone number", phone)
		}
		p.add(number)
	}
	for _, id := range o.bsuids {
		if !conversation.IsBSUID(id) {
			return nil, usageError("--bsuid %q is not a business-scoped id, such as US.13491208655302741918", id)
		}
		p.add(id)
	}
	if len(p.identities) == 0 {
		return nil, usageError("name the person with --phone or --bsuid")
	}
	return p, nil
}
