package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"
)

func TestDoctor(t *testing.T) {
	found := func(text string, err error) func(context.Context) (string, error) {
		return func(context.Context) (string, error) { return text, err }
	}
	var out bytes.Buffer
	p := &program{stdout: newConsole(&out, nil)}
	err := p.doctor(t.Context(), []tool{
		{"one", "a", "b", true, found("one 1.0", nil)},
		{"two", "this", "that", false, found("", errors.New("two is not installed"))},
		{"three", "all", "it", true, found("", errors.New("three is not installed"))},
	})
	want := `ok       one              one 1.0
no       two              two is not installed
                          needed: this
                          install: that
no       three            three is not installed
                          needed: all
                          install: it
`
	if out.String() != want {
		t.Errorf("got\n%s", &out)
	}
	if err == nil || err.Error() != "nothing works without three" {
		t.Errorf("got %v", err)
	}
}

func TestTakenPort(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	address := listener.Addr().String()
	if _, err := free(address)(t.Context()); err == nil || err.Error() != "another program listens on "+address {
		t.Errorf("got %v", err)
	}
}
