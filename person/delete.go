package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// delete shows what is stored of the person, and deletes it with --yes.
func (s *search) delete(ctx context.Context, out io.Writer) error {
	if err := s.find(ctx); err != nil {
		return err
	}
	fmt.Fprint(out, s.summary())
	switch {
	case !s.yes:
		for _, note := range s.unseen {
			fmt.Fprintln(out, note)
		}
		fmt.Fprintln(out, "Nothing was deleted. To delete this, run the command again with --yes. It looks at all messages of the queues then")
	default:
		if err := s.deleteAll(ctx, out); err != nil {
			s.problems = append(s.problems, err)
		}
		for _, note := range s.unseen {
			fmt.Fprintln(out, note)
			s.problems = append(s.problems, errors.New(note))
		}
		if len(s.problems) > 0 {
			fmt.Fprintln(out, "Not everything was deleted: run the same command again")
		}
	}
	fmt.Fprint(out, s.elsewhere(ctx))
	return errors.Join(s.problems...)
}

// deleteAll deletes messages first, so that no function or consumer turns them into
// rows or files again; then events and files, which only rows link to the person;
// then rows. After a problem, the rows stay for the next run.
func (s *search) deleteAll(ctx context.Context, out io.Writer) error {
	for known := -1; known != s.person.known(); {
		known = s.person.known()
		if err := s.deleteQueued(ctx, out); err != nil {
			return err
		}
		unseen := s.unseen
		if err := s.find(ctx); err != nil {
			return err
		}
		s.unseen = unseen
	}
	if len(s.problems) > 0 {
		return nil
	}
	slices.SortStableFunc(s.found, finding.compare)
	deleted, places := map[string]int{}, []string{}
	defer func() {
		for _, place := range places {
			fmt.Fprintf(out, "deleted from %s: %d\n", place, deleted[place])
		}
	}()
	for _, f := range s.found {
		var err error
		switch {
		case f.events != nil:
			err = s.deleteEvents(ctx, f.events)
		case f.file != nil:
			err = s.deleteFile(ctx, f.file)
		case f.row != nil:
			if len(s.problems) == 0 {
				err = s.deleteRow(ctx, f.row)
			}
		default:
			continue // a message that arrived after the queues were looked at
		}
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		if err != nil {
			s.problems = append(s.problems, err)
			continue
		}
		if f.row != nil && len(s.problems) > 0 {
			continue
		}
		if deleted[f.place] == 0 {
			places = append(places, f.place)
		}
		deleted[f.place] += len(f.lines)
	}
	return nil
}

// compare orders findings as they are deleted: rows last, those first that a run with
// the given identities finds only by a link from another row.
func (f finding) compare(other finding) int {
	switch {
	case f.row == nil && other.row == nil:
		return 0
	case f.row == nil:
		return -1
	case other.row == nil:
		return 1
	default:
		return cmp.Compare(other.depth, f.depth)
	}
}

// deleteQueued deletes the person's messages of all queues.
func (s *search) deleteQueued(ctx context.Context, out io.Writer) error {
	s.unseen = nil
	for _, queue := range s.queueNames() {
		deleted, err := s.deleteMessages(ctx, queue)
		if deleted > 0 {
			fmt.Fprintf(out, "deleted from queue %s: %d\n", queue, deleted)
		}
		if err != nil {
			return fmt.Errorf("queue %s: %w", queue, brief(err))
		}
	}
	return nil
}

// elsewhere lists what the command does not look at.
func (s *search) elsewhere(ctx context.Context) string {
	var text strings.Builder
	text.WriteString(`Not looked at:
- events that Event Grid (24 hours) or Meta (7 days) has yet to deliver
- logs: Log Analytics and Application Insights, see docs/privacy.md
- backups, and blobs in soft delete, versions or snapshots
- the stores of your consumers, and files downloaded for redeliver
- the copies of Azure Communication Services and Meta
`)
	others, err := s.account.others(ctx, s.known())
	if err != nil {
		fmt.Fprintf(&text, "- other queues, tables and containers of the account: they can't be listed: %v\n", brief(err))
	}
	for _, name := range others {
		fmt.Fprintf(&text, "- %s of the account\n", name)
	}
	return text.String()
}
