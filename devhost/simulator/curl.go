package simulator

import (
	"maps"
	"slices"
	"strings"

	"whatsapp-functions/devhost/eventgrid"
)

// curl is the command that posts a delivery, for a POSIX shell.
func curl(url string, header map[string]string, body string) string {
	command := []string{"curl -i " + quote(url)}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if name != eventgrid.HeaderDelivery { // it would be taken for the same delivery
			command = append(command, "-H "+quote(name+": "+header[name]))
		}
	}
	command = append(command, "--data-binary "+quote(body))
	return strings.Join(command, " \\\n  ")
}

func quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
