package faults_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/embedded"
)

func TestNothingGoesWrongByItself(t *testing.T) {
	zero, err := faults.New(faults.Switches{})
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]*faults.Faults{"nil": nil, "zero": zero} {
		for range 100 {
			if f.Crash() || f.FailWrite() || f.Duplicate() || f.Reorder() || f.Hold() != 0 {
				t.Fatalf("%s: something goes wrong", name)
			}
		}
	}
}

func TestSwitches(t *testing.T) {
	f, err := faults.New(faults.Switches{Crashes: 2, FailWrites: 1, Duplicates: 1, Delay: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, true, false} {
		if got := f.Crash(); got != want {
			t.Errorf("invocation %d: crash %t, want %t", i, got, want)
		}
	}
	if !f.FailWrite() || !f.Duplicate() {
		t.Error("what always happens does not")
	}
	if hold := f.Hold(); hold != time.Second {
		t.Errorf("it holds back for %s", hold)
	}
	if err := f.Set(faults.Switches{Reorder: true}); err != nil {
		t.Fatal(err)
	}
	holds := map[time.Duration]bool{}
	for range 20 {
		hold := f.Hold()
		if hold < 0 || hold > faults.ReorderWithin {
			t.Errorf("it holds back for %s", hold)
		}
		holds[hold] = true
	}
	if len(holds) < 2 || f.FailWrite() {
		t.Errorf("it does not reorder: %v", holds)
	}
}

func TestWhatCantBe(t *testing.T) {
	f, err := faults.New(faults.Switches{Crashes: 1})
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]faults.Switches{
		"fewer crashes than none": {Crashes: -1},
		"more than all writes":    {FailWrites: 1.1},
		"no number":               {Duplicates: math.NaN()},
		"a delay into the past":   {Delay: -1},
		"a delay of an hour":      {Delay: time.Hour},
	} {
		if err := f.Set(s); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if f.Switches().Crashes != 1 {
		t.Error("what was refused has changed something")
	}
}

func TestStorage(t *testing.T) {
	account, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := &faults.Faults{}
	s := faults.Storage{Writer: account, Faults: f}
	writes := map[string]func(context.Context) error{
		"message": func(ctx context.Context) error { return s.Enqueue(ctx, "my-queue", []byte("x")) },
		"row": func(ctx context.Context) error {
			return s.Write(ctx, "MyTable", []storage.Change{{Row: storage.Row{PartitionKey: "p", RowKey: "r"}, If: storage.Always}})
		},
		"blob": func(ctx context.Context) error { return s.PutBlob(ctx, "my-blobs", "b", []byte("x")) },
	}
	count := func() int {
		c, err := storage.ReadContents(t.Context(), account)
		if err != nil {
			t.Fatal(err)
		}
		return len(c.Queues) + len(c.Tables) + len(c.Containers)
	}
	if err := f.Set(faults.Switches{FailWrites: 1}); err != nil {
		t.Fatal(err)
	}
	for name, write := range writes {
		if err := write(t.Context()); !errors.Is(err, faults.ErrOnRequest) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := count(); n != 0 {
		t.Errorf("%d things were written all the same", n)
	}
	if err := f.Set(faults.Switches{}); err != nil {
		t.Fatal(err)
	}
	for name, write := range writes {
		if err := write(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := count(); n != len(writes) {
		t.Errorf("%d things are there", n)
	}
}
