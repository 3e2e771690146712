package platform

import (
	"os"
	"path/filepath"
	"time"

	"whatsapp-functions/devhost/app"
)

// watchPoll is how often files are looked at.
const watchPoll = 300 * time.Millisecond

// watch looks for changes of the files that a host reads when it starts.
type watch struct {
	files []string
	// used is how the host that runs found the files, last how they were when
	// they were last looked at.
	used, last map[string]stamp
}

// stamp is what a change of a file changes.
type stamp struct {
	modified time.Time
	size     int64
}

func newWatch(a *app.App) *watch {
	w := &watch{}
	w.follow(a)
	return w
}

// follow looks at the files of this app from now on.
func (w *watch) follow(a *app.App) {
	w.files = a.Files()
	executable := a.Host.Handler.Executable
	if !filepath.IsAbs(executable) {
		executable = filepath.Join(a.Root, a.Host.Handler.WorkerDirectory, executable)
	}
	w.files = append(w.files, executable)
	w.used = w.look()
	w.last = w.used
}

func (w *watch) look() map[string]stamp {
	stamps := make(map[string]stamp, len(w.files))
	for _, file := range w.files {
		if info, err := os.Stat(file); err == nil {
			stamps[file] = stamp{info.ModTime(), info.Size()}
		}
	}
	return stamps
}

// changed is the name of a file that has changed, or "". The file must have
// been left alone since the last look: a linker writes for a while.
func (w *watch) changed() string {
	now, last := w.look(), w.last
	w.last = now
	for _, file := range w.files {
		if now[file] != w.used[file] && now[file] == last[file] && now[file] != (stamp{}) {
			return filepath.Base(file)
		}
	}
	return ""
}
