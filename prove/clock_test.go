package prove_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"whatsapp-functions/internal/testkit"
)

// storedTime matches the times in the files that Event Grid's events wait in.
var storedTime = regexp.MustCompile(`"(published|lastAttempt|next)": ?"([^"]+)"`)

// moveClock stops devhost while events wait, and starts it again as if the
// clock had been moved meanwhile: it moves the stored times the other way.
func (s *stack) moveClock(by time.Duration) {
	s.proxies.set(func(p *proxy) { p.down.Store(true) })
	s.publish(3)
	s.output.WaitFor(s.t, "invocation failed")
	s.stopDevhost()
	moved := 0
	testkit.Must(s.t, filepath.WalkDir(filepath.Join(s.data, "eventgrid"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".json") {
			return err
		}
		text, err := os.ReadFile(path)
		testkit.Must(s.t, err)
		text = storedTime.ReplaceAllFunc(text, func(field []byte) []byte {
			match := storedTime.FindSubmatch(field)
			at, err := time.Parse(time.RFC3339Nano, string(match[2]))
			testkit.Must(s.t, err)
			moved++
			return fmt.Appendf(nil, "%q: %q", match[1], at.Add(-by).Format(time.RFC3339Nano))
		})
		return os.WriteFile(path, text, 0o600)
	}))
	if moved == 0 {
		s.t.Error("no event was waiting while devhost was down")
	}
	s.proxies.reset()
	s.startDevhost()
}
