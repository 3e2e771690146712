package platform

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"whatsapp-functions/devhost/app"
)

// watchPause is the pause between two looks at the files.
const watchPause = 300 * time.Millisecond

// watch finds changes of the files that a host reads when it starts: host.json,
// local.settings.json, every function.json and the handler.
type watch struct {
	root, executable string
	// used is the state that the host has read, last that of the last look.
	used, last map[string]stamp
}

// stamp differs after a change of a file.
type stamp struct {
	modified time.Time
	size     int64
}

func newWatch(root string) *watch {
	w := &watch{root: root}
	w.look()
	return w
}

// look makes the current state the one that the host has read. Call it before
// the files are read.
func (w *watch) look() {
	w.used = w.stamps()
	w.last = w.used
}

// follow adds the handler of an app.
func (w *watch) follow(a *app.App) {
	w.executable = a.Host.Handler.Executable
	if !filepath.IsAbs(w.executable) {
		w.executable = filepath.Join(w.root, a.Host.Handler.WorkerDirectory, w.executable)
	}
	if s, ok := stampOf(w.executable); ok && w.used[w.executable] == (stamp{}) {
		w.used[w.executable] = s
	}
}

func (w *watch) stamps() map[string]stamp {
	files := append((&app.App{Root: w.root}).Files(), w.executable)
	stamps := make(map[string]stamp, len(files))
	for _, file := range files {
		if s, ok := stampOf(file); ok {
			stamps[file] = s
		}
	}
	return stamps
}

func stampOf(file string) (stamp, bool) {
	info, err := os.Stat(file)
	if err != nil {
		return stamp{}, false
	}
	return stamp{info.ModTime(), info.Size()}, true
}

// changed returns the name of a file that has changed, or "". The file must be
// the same as at the last look, because a linker writes for a while. A missing
// handler or host.json is not a change: it is being replaced.
func (w *watch) changed() string {
	now, last := w.stamps(), w.last
	w.last = now
	all := maps.Clone(w.used)
	maps.Copy(all, now)
	for _, file := range slices.Sorted(maps.Keys(all)) {
		isGone := now[file] == stamp{}
		if now[file] != w.used[file] && now[file] == last[file] && (!isGone || filepath.Base(file) == "function.json") {
			name, _ := filepath.Rel(w.root, file)
			return filepath.ToSlash(name)
		}
	}
	return ""
}
