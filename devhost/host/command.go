package host

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"whatsapp-functions/devhost/app"
)

// NewEnvironment returns the environment in the form of [os.Environ], as a map,
// with app settings and fixed variables. A variable that is set and not empty
// wins over a setting (StartHostAction.cs of Core Tools).
func NewEnvironment(environ []string, settings, fixed map[string]string) map[string]string {
	environment := map[string]string{}
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok && name != "" {
			environment[name] = value
		}
	}
	for name, value := range settings {
		if environment[name] == "" {
			environment[name] = value
		}
	}
	for name, value := range fixed {
		environment[name] = value
	}
	return environment
}

var reference = regexp.MustCompile(`%[^%]*%`)

// expand replaces %NAME% by the variable's value. An unknown name stays if keep
// is set, otherwise it is removed.
func expand(text string, environment map[string]string, keep bool) string {
	return reference.ReplaceAllStringFunc(text, func(name string) string {
		value, ok := environment[strings.Trim(name, "%")]
		if !ok && keep {
			return name
		}
		return value
	})
}

// newCommand returns the handler's program, its arguments and its working
// directory (HttpWorkerDescription.cs, DefaultWorkerProcessFactory.cs). A relative
// program is looked up in the app, then in PATH. Arguments are joined by spaces
// and split again, so an argument with a space becomes two.
func newCommand(handler app.Handler, root string, environment map[string]string) (program string, arguments []string, directory string) {
	program = expand(handler.Executable, environment, true)
	if inApp := inFolder(inFolder(root, handler.WorkerDirectory), program); !filepath.IsAbs(program) {
		if _, err := os.Stat(inApp); err == nil {
			program = inApp
		}
	}
	words := slices.Clone(handler.Arguments)
	if handler.WorkerPath != "" {
		words = append(words, `"`+expand(handler.WorkerPath, environment, true)+`"`)
	}
	line := strings.Join(append(words, handler.WorkerArguments...), " ")
	return program, splitArguments(expand(line, environment, false)), inFolder(root, handler.WorkingDirectory)
}

func inFolder(folder, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}

// splitArguments splits a command line as .NET does on Unix: at white space
// outside double quotes. A backslash escapes a double quote.
func splitArguments(line string) []string {
	const escapedQuote, quote = `\"`, '"'
	var arguments []string
	var argument strings.Builder
	quoted, started := false, false
	for line != "" {
		c := line[0]
		rest, escaped := strings.CutPrefix(line, escapedQuote)
		if escaped {
			c = quote
		} else {
			rest = line[1:]
		}
		line = rest
		switch {
		case c == quote && !escaped:
			quoted, started = !quoted, true
		case (c == ' ' || c == '\t') && !quoted:
			if started {
				arguments = append(arguments, argument.String())
			}
			argument.Reset()
			started = false
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
