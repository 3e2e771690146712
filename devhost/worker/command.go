package worker

import (
	"os"
	"path/filepath"
	"strings"

	"whatsapp-functions/devhost/app"
)

// command is what to run and where.
type command struct {
	executable string
	arguments  []string
	directory  string
}

// newCommand applies the host's rules (HttpWorkerDescription.cs,
// DefaultWorkerProcessFactory.cs): names in percent signs are replaced; a
// relative program is the app's own, if the app has it, else one of PATH;
// arguments are joined by spaces and taken apart again, so that one with a
// space becomes two.
func newCommand(handler app.Handler, root string, environment Environment) command {
	executable := environment.Expand(handler.Executable)
	if !filepath.IsAbs(executable) {
		own := filepath.Join(below(root, handler.WorkerDirectory), executable)
		if _, err := os.Stat(own); err == nil {
			executable = own
		}
	}
	line := append([]string(nil), handler.Arguments...)
	if handler.WorkerPath != "" {
		line = append(line, `"`+environment.Expand(handler.WorkerPath)+`"`)
	}
	line = append(line, handler.WorkerArguments...)
	arguments := environment.expand(strings.Join(line, " "), func(string) string { return "" })
	return command{
		executable: executable,
		arguments:  splitArguments(arguments),
		directory:  below(root, handler.WorkingDirectory),
	}
}

func below(root, directory string) string {
	if filepath.IsAbs(directory) {
		return directory
	}
	return filepath.Join(root, directory)
}

// splitArguments takes a command line apart as .NET does on Unix: at white
// space outside of double quotes; a backslash escapes a double quote.
func splitArguments(line string) []string {
	var arguments []string
	var argument strings.Builder
	quoted, started := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line) && line[i+1] == '"':
			argument.WriteByte('"')
			started = true
			i++
		case c == '"':
			quoted, started = !quoted, true
		case (c == ' ' || c == '\t') && !quoted:
			if started {
				arguments = append(arguments, argument.String())
				argument.Reset()
				started = false
			}
		default:
			argument.WriteByte(c)
			started = true
		}
	}
	if started {
		arguments = append(arguments, argument.String())
	}
	return arguments
}
