package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"
)

// senders are how many requests of an open loop may be under way at once.
const senders = 64

// latencies are how long answers took, each from the moment at which its
// request was due, whether or not it could be sent then.
type latencies []time.Duration

func (l latencies) percentile(p float64) time.Duration {
	return l[min(len(l)-1, int(p/100*float64(len(l))))]
}

// openLoop sends so many requests a second, whatever becomes of them, as users
// do. A server that falls behind has all that waits in its figures.
func openLoop(ctx context.Context, s *server, c testCase, rate float64, during time.Duration) (latencies, error) {
	request := fmt.Appendf(nil, "POST /%s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json; charset=utf-8\r\n"+
		"X-Azure-Functions-InvocationId: 0d1f6a2e-5b1c-4a53-9c5e-6d3c9c0f7a01\r\nContent-Length: %d\r\n\r\n%s", c.function, s.address, len(c.body), c.body)
	due := make(chan time.Time, senders)
	took := make([]latencies, senders)
	failed := make([]error, senders)
	var all sync.WaitGroup
	for i := range senders {
		all.Go(func() { took[i], failed[i] = send(s.address, request, due) })
	}
	pace(ctx, due, rate, during)
	close(due)
	all.Wait()
	var merged latencies
	for i := range senders {
		if failed[i] != nil {
			return nil, fmt.Errorf("%s: %w", c.name, failed[i])
		}
		merged = append(merged, took[i]...)
	}
	if len(merged) == 0 {
		return nil, fmt.Errorf("%s: no answer", c.name)
	}
	slices.Sort(merged)
	return merged, ctx.Err()
}

// pace says when a request is due. It has a thread of its own, because the
// timers of goroutines are a millisecond late as a rule.
func pace(ctx context.Context, due chan<- time.Time, rate float64, during time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begin, interval := time.Now(), time.Duration(float64(time.Second)/rate)
	for next := begin; next.Sub(begin) < during && ctx.Err() == nil; next = next.Add(interval) {
		if wait := time.Until(next); wait > 0 {
			span := syscall.NsecToTimespec(int64(wait))
			_ = syscall.Nanosleep(&span, nil)
		}
		due <- next
	}
}

// send sends a request over one connection whenever one is due.
func send(address string, request []byte, due <-chan time.Time) (took latencies, err error) {
	connection, err := net.Dial("tcp4", address)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	answers := bufio.NewReader(connection)
	for at := range due {
		if err != nil {
			continue // whoever paces must not wait for this sender
		}
		if err = exchange(connection, answers, request); err == nil {
			took = append(took, time.Since(at))
		}
	}
	return took, err
}

func exchange(connection net.Conn, answers *bufio.Reader, request []byte) error {
	if _, err := connection.Write(request); err != nil {
		return err
	}
	response, err := http.ReadResponse(answers, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", response.Status)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}
