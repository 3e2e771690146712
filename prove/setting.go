package prove

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

// Setting is a variable of the environment that says how long to try. Without
// it the tests take as long as every run of all tests can bear.
type Setting string

// The settings.
const (
	// Schedules is how many schedules of deliveries are tried.
	Schedules Setting = "PROVE_SCHEDULES"
	// Seed is the first schedule's seed.
	Seed Setting = "PROVE_SEED"
	// Tries is how often each fault is tried.
	Tries Setting = "PROVE_TRIES"
	// Soak is how long the handler is kept busy, such as 10m.
	Soak Setting = "PROVE_SOAK"
	// Figures is a folder for what was found. Without it nothing is kept.
	Figures Setting = "PROVE_FIGURES"
)

// Number is a setting that is a number.
func (s Setting) Number(otherwise int) (int, error) {
	text := os.Getenv(string(s))
	if text == "" {
		return otherwise, nil
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("%s is %q: write a number", s, text)
	}
	return number, nil
}

// Duration is a setting that is a duration.
func (s Setting) Duration(otherwise time.Duration) (time.Duration, error) {
	text := os.Getenv(string(s))
	if text == "" {
		return otherwise, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%s is %q: write a duration such as 10m", s, text)
	}
	return d, nil
}

// Text is a setting that is text, or "".
func (s Setting) Text() string { return os.Getenv(string(s)) }
