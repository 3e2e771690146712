package worker

import (
	"fmt"
	"runtime/debug"
)

// argVersion is the one argument that a program takes.
const argVersion = "--version"

// unknown is the value of what is not known about a build, such as the commit of
// a build outside of git.
const unknown = "unknown"

// version identifies a build.
type version struct {
	// number is the tag, or else a pseudo-version with the time of the commit.
	number string
	// commit ends in +dirty if files differed from it.
	commit string
	// toolchain is the Go version and the target platform.
	toolchain string
}

// thisVersion returns the version that the go command put into the program.
func thisVersion() version {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version{unknown, unknown, unknown}
	}
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) version {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	v := version{info.Main.Version, settings["vcs.revision"], fmt.Sprintf("%s %s/%s", info.GoVersion, settings["GOOS"], settings["GOARCH"])}
	if v.number == "" || v.number == "(devel)" {
		v.number = unknown
	}
	if v.commit == "" {
		v.commit = unknown
	} else if settings["vcs.modified"] == "true" {
		v.commit += "+dirty"
	}
	return v
}

func (v version) String() string {
	return fmt.Sprintf("%s, commit %s, %s", v.number, v.commit, v.toolchain)
}
