//go:build !linux

package main

import (
	"context"
	"errors"
	"time"
)

func openLoop(context.Context, *server, testCase, float64, time.Duration) (latency, error) {
	return latency{}, errors.New("the benchmark runs on Linux only")
}
