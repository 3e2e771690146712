package docs

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/record"
	"whatsapp-functions/handler/whatsapp"
)

var (
	failureRow = regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| .* \\| `([a-z-]+)` \\| ([0-9, –]+) \\|$")
	keyRow     = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| `([^`]+)` \\| [a-z][^|]*\\|$")
)

// TestFailureTable checks that the table of docs/consume.md has the class and
// retry of every error code.
func TestFailureTable(t *testing.T) {
	documented := map[int]string{}
	for _, row := range failureRow.FindAllStringSubmatch(read(t, filepath.Join(repository, "docs/consume.md")), -1) {
		for codes := range strings.SplitSeq(row[3], ", ") {
			first, last, isRange := strings.Cut(codes, "–")
			if !isRange {
				last = first
			}
			for code := number(t, first); code <= number(t, last); code++ {
				documented[code] = row[1] + ", " + row[2]
			}
		}
	}
	classified := map[int]string{}
	for code := range 3_000_000 {
		status := &conversation.Status{Status: conversation.StatusFailed, Error: &conversation.Error{Code: strconv.Itoa(code)}}
		if failure := whatsapp.Failure(status); failure.Class != conversation.ClassUnknown {
			classified[code] = string(failure.Class) + ", " + string(failure.Retry)
		}
	}
	if diff := cmp.Diff(classified, documented); diff != "" {
		t.Errorf("handler/whatsapp (-), docs/consume.md (+):\n%s", diff)
	}
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestKeyExamples checks the examples of keys in docs/consume.md.
func TestKeyExamples(t *testing.T) {
	_, section, _ := strings.Cut(read(t, filepath.Join(repository, "docs/consume.md")), "\n## Keys\n")
	section, _, _ = strings.Cut(section, "\n## ")
	rows := keyRow.FindAllStringSubmatch(section, -1)
	if len(rows) == 0 {
		t.Fatal("docs/consume.md has no examples of keys")
	}
	for _, row := range rows {
		part := regexp.MustCompile(`^(.) × (\d+)$`).ReplaceAllStringFunc(row[1], func(repeated string) string {
			character, times, _ := strings.Cut(repeated, " × ")
			return strings.Repeat(character, number(t, times))
		})
		got := record.Conversations(conversation.Channel{ID: part}, conversation.Participant{})[0]
		want := regexp.MustCompile(`(.) × 160`).ReplaceAllStringFunc(row[2], func(repeated string) string {
			return strings.Repeat(repeated[:1], 160)
		})
		if got != want+"|-" {
			t.Errorf("the key of %s is %s, not %s", row[1], got, row[2])
		}
	}
}
