package prove

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Table is what a test found, for people.
type Table struct {
	Columns []string
	Rows    [][]string
}

// failer is the part of testing.TB that Save needs.
type failer interface {
	Helper()
	Failed() bool
	Fatal(args ...any)
}

// Save keeps what a test has found, unless the test has failed.
func (table Table) Save(t failer, name string) {
	t.Helper()
	if t.Failed() {
		return
	}
	if err := table.Keep(name); err != nil {
		t.Fatal(err)
	}
}

// Keep writes the table, with the day and the machine, to a file of Markdown
// in the folder for figures, if there is one.
func (table Table) Keep(name string) error {
	folder := Figures.Text()
	if folder == "" {
		return nil
	}
	var text strings.Builder
	row := func(cells []string) { fmt.Fprintf(&text, "| %s |\n", strings.Join(cells, " | ")) }
	row(table.Columns)
	row(slices.Repeat([]string{"---"}, len(table.Columns)))
	for _, cells := range table.Rows {
		row(cells)
	}
	fmt.Fprintf(&text, "\n%s\n", conditions())
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, name+".md"), []byte(text.String()), 0o644)
}

// conditions are when and where the figures were taken.
func conditions() string {
	return fmt.Sprintf("%s, %s/%s, %d cores (%s), %s.",
		time.Now().UTC().Format("2 January 2006"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(), runtime.Version())
}

// processor is the processor's name, where the system tells it.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// Count writes a number with commas.
func Count[T int | int64](n T) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
