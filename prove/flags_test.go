package prove_test

import (
	"flag"
	"time"
)

// The flags set how long the tests run.
var (
	schedules = flag.Int("schedules", 500, "the number of delivery schedules")
	firstSeed = flag.Int("seed", 1, "the seed of the first schedule")
	attempts  = flag.Int("attempts", 1, "how often each fault is caused")
	soakTime  = flag.Duration("soak", 20*time.Second, "how long the handler is kept under load")
)
