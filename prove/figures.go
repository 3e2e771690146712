package prove

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
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

// Save keeps the table under a name in the folder for figures, if there is
// one: a Markdown file, with the day and the machine. What a test that fails
// has found is not kept.
func (table Table) Save(t failer, name string) {
	t.Helper()
	folder := Figures.Text()
	if folder == "" || t.Failed() {
		return
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n\n", conditions())
	row := func(cells []string) { fmt.Fprintf(&text, "| %s |\n", strings.Join(cells, " | ")) }
	row(table.Columns)
	row(strings.Split(strings.Repeat("---,", len(table.Columns)-1)+"---", ","))
	for _, cells := range table.Rows {
		row(cells)
	}
	err := os.MkdirAll(folder, 0o755)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".md"), []byte(text.String()), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
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
