package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long answers may take that are still to come at the end.
const patience = 30 * time.Second

// openLoop sends so many requests a second, whatever becomes of them, as users
// do. A server that falls behind has all that waits in its figures.
func openLoop(ctx context.Context, s *server, c testCase, rate float64, during time.Duration) (latency, error) {
	request := fmt.Appendf(nil, "POST /%s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json; charset=utf-8\r\n"+
		"X-Azure-Functions-InvocationId: 0d1f6a2e-5b1c-4a53-9c5e-6d3c9c0f7a01\r\nContent-Length: %d\r\n\r\n%s", c.function, s.address, len(c.body), c.body)
	g := generator{request: request, took: make([]time.Duration, 0, int(rate*during.Seconds())+1), input: make([]byte, 1<<16)}
	for i := range g.senders {
		connection, err := net.Dial("tcp4", s.address)
		if err != nil {
			return latency{}, err
		}
		defer connection.Close()
		if g.answer, err = warmUp(connection, request); err != nil {
			return latency{}, fmt.Errorf("%s: %w", c.name, err)
		}
		file, err := connection.(*net.TCPConn).File()
		if err != nil {
			return latency{}, err
		}
		defer file.Close()
		g.senders[i].file = int(file.Fd())
		if err := unix.SetNonblock(g.senders[i].file, true); err != nil {
			return latency{}, err
		}
	}
	if err := g.run(ctx, rate, during); err != nil {
		return latency{}, fmt.Errorf("%s: %w", c.name, err)
	}
	if len(g.took) == 0 {
		return latency{}, fmt.Errorf("%s: no answer", c.name)
	}
	return latencyOf(g.took), nil
}

// warmUp makes one call and returns how many bytes came in answer: as many as
// will come to every other.
func warmUp(connection net.Conn, request []byte) (int, error) {
	if _, err := connection.Write(request); err != nil {
		return 0, err
	}
	var answer bytes.Buffer
	response, err := http.ReadResponse(bufio.NewReader(io.TeeReader(connection, &answer)), nil)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return answer.Len(), err
}

// generator is an open loop on one thread, without a goroutine or an allocation
// for a request: what it takes of the machine the server would lack, and that
// would be measured with it.
type generator struct {
	request []byte
	answer  int // bytes
	senders [connections]sender
	polled  [connections]unix.PollFd
	took    []time.Duration
	input   []byte
}

// sender is a connection.
type sender struct {
	file int
	// due is when the request that is under way was to be sent, or zero.
	due    time.Time
	unsent []byte
	unread int // bytes of the answer
}

func (g *generator) run(ctx context.Context, rate float64, during time.Duration) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	next, interval := time.Now(), time.Duration(float64(time.Second)/rate)
	end := next.Add(during)
	for ctx.Err() == nil {
		now, idle := time.Now(), 0
		for i := range g.senders {
			s := &g.senders[i]
			if s.due.IsZero() && next.Before(end) && !next.After(now) {
				s.due, s.unsent, s.unread = next, g.request, g.answer
				next = next.Add(interval)
				if err := s.send(); err != nil {
					return err
				}
			}
			if s.due.IsZero() {
				idle++
			}
		}
		pause := patience
		switch {
		case next.Before(end) && idle > 0:
			pause = max(0, time.Until(next))
		case next.Before(end):
		case idle == connections:
			return nil
		case now.Sub(end) > patience:
			return errors.New("answers are missing")
		}
		if err := g.wait(pause); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// wait serves the connections that are ready before the pause is over.
func (g *generator) wait(pause time.Duration) error {
	for i, s := range g.senders {
		g.polled[i] = unix.PollFd{Fd: -1}
		if !s.due.IsZero() {
			g.polled[i] = unix.PollFd{Fd: int32(s.file), Events: unix.POLLIN}
		}
		if len(s.unsent) > 0 {
			g.polled[i].Events |= unix.POLLOUT
		}
	}
	timeout := unix.NsecToTimespec(int64(pause))
	if _, err := unix.Ppoll(g.polled[:], &timeout, nil); err != nil && !errors.Is(err, unix.EINTR) {
		return err
	}
	for i, polled := range g.polled {
		s := &g.senders[i]
		if polled.Revents&unix.POLLOUT != 0 {
			if err := s.send(); err != nil {
				return err
			}
		}
		if polled.Revents&^unix.POLLOUT != 0 {
			if err := g.receive(s); err != nil {
				return err
			}
			if s.unread == 0 {
				g.took = append(g.took, time.Since(s.due))
				s.due = time.Time{}
			}
		}
	}
	return nil
}

// send sends as much as the connection takes.
func (s *sender) send() error {
	for len(s.unsent) > 0 {
		n, err := unix.Write(s.file, s.unsent)
		if errors.Is(err, unix.EAGAIN) {
			return nil
		}
		if err != nil {
			return err
		}
		s.unsent = s.unsent[n:]
	}
	return nil
}

// receive reads as much as there is.
func (g *generator) receive(s *sender) error {
	for s.unread > 0 {
		n, err := unix.Read(s.file, g.input)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return nil
		case err != nil:
			return err
		case n == 0 || n > s.unread:
			return errors.New("the answer is not as long as the first")
		case s.unread == g.answer && !bytes.HasPrefix(g.input[:n], []byte("HTTP/1.1 200 ")):
			return fmt.Errorf("answered %.40q", g.input[:n])
		}
		s.unread -= n
	}
	return nil
}
