// Package prove holds the tests that try to break the app's promises: random
// deliveries, faults on real storage, load, and access from outside. They run
// the handler as it ships; devhost plays the rest of Azure.
//
// Flags set how long they run, for example
//
//	go test ./prove -run TestSchedules -schedules 10000
//
// docs/reliability.md has the results of a long run.
package prove
