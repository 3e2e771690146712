// Package testkit holds what the tests of several packages share: app folders,
// programs that are built once, buffers and logs for several goroutines, and
// waiting.
//
// It imports neither handler nor devhost, so both can use it.
package testkit
