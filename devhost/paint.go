package main

import (
	"io"
	"os"

	"github.com/mattn/go-isatty"

	"whatsapp-functions/devhost/worker"
)

// colour is what a terminal is told to write in.
type colour string

const (
	dim    colour = "\x1b[2m"
	red    colour = "\x1b[31m"
	green  colour = "\x1b[32m"
	yellow colour = "\x1b[33m"
	cyan   colour = "\x1b[36m"
	plain  colour = "\x1b[0m"
)

var levelColours = map[worker.Level]colour{
	worker.Information: green,
	worker.Warning:     yellow,
	worker.Error:       red,
}

// paint is text in a colour, or as it is.
type paint func(c colour, text string) string

// newPaint paints for a terminal, unless the variable NO_COLOR is set
// (https://no-color.org).
func newPaint(out io.Writer, environment worker.Environment) paint {
	file, ok := out.(*os.File)
	if !ok || !isatty.IsTerminal(file.Fd()) || environment["NO_COLOR"] != "" || environment["TERM"] == "dumb" {
		return func(_ colour, text string) string { return text }
	}
	return func(c colour, text string) string { return string(c) + text + string(plain) }
}
