// Package prove holds the tests that try to break the app's promises: random
// deliveries, faults on real storage, load, and strangers at the door. They
// drive the handler as it ships; whatever plays the rest of Azure is
// devhost's.
//
// How long they try is set by the environment, see [Setting]; what they found
// is published in docs/reliability.md.
package prove
