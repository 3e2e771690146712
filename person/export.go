package main

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// export prints a line of JSON for each item, and to stderr what it did not read.
func (s *search) export(ctx context.Context, stdout, stderr io.Writer) error {
	if err := s.find(ctx); err != nil {
		return err
	}
	for _, f := range s.found {
		for _, line := range f.lines {
			if _, err := fmt.Fprintf(stdout, "%s\n", line); err != nil {
				return err
			}
		}
		if f.file != nil && s.mediaFolder != "" {
			if err := s.save(ctx, f.file); err != nil {
				s.problems = append(s.problems, err)
			}
		}
	}
	fmt.Fprint(stderr, s.summary())
	for _, note := range s.unseen {
		fmt.Fprintln(stderr, note)
	}
	if len(s.unseen) > 0 && !s.receive {
		s.problems = append(s.problems, errors.New("not all messages in queues were looked at: pass --receive, or export again later"))
	} else if len(s.unseen) > 0 {
		s.problems = append(s.problems, errors.New("not all messages in queues were looked at: export again later"))
	}
	fmt.Fprint(stderr, s.elsewhere(ctx))
	return errors.Join(s.problems...)
}
