package dotnet

import (
	"encoding/base64"
	"strings"
)

// DecodeBase64 decodes as .NET's Convert.FromBase64String does, which ignores
// white space.
func DecodeBase64(text string) ([]byte, bool) {
	decoded, err := base64.StdEncoding.DecodeString(whiteSpace.Replace(text))
	return decoded, err == nil
}

var whiteSpace = strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "")
