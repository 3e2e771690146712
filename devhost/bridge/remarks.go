package bridge

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/dotnet"
)

// remarksOnAnswer describes what the host ignores in an answer.
func remarksOnAnswer(function app.Function, answer Answer) []string {
	var remarks []string
	for _, field := range answer.Outputs {
		switch {
		case !bound(function.Outputs, field.Name):
			remarks = append(remarks, fmt.Sprintf("output %s is not declared in %s/function.json (names are case-sensitive): the host ignores it", field.Name, function.Name))
		case field.Name == returnValue:
			remarks = append(remarks, "Outputs has a $return, which the host overwrites: send it as ReturnValue")
		}
	}
	if answer.ReturnValue.Kind == dotnet.KindNull || bound(function.Outputs, returnValue) {
		return remarks
	}
	if slices.ContainsFunc(answer.ReturnValue.Fields, func(f dotnet.Field) bool { return bound(function.Outputs, f.Name) }) {
		return append(remarks, "ReturnValue is an object, so each of its fields overrides the output of that name")
	}
	if function.Route != nil {
		return append(remarks, "ReturnValue is the body of the HTTP answer, unless an http output gives one")
	}
	return append(remarks, "ReturnValue is ignored: no output is called $return")
}

// remarksOnValue describes what the host makes of a value that its sender may
// not expect.
func remarksOnValue(output app.Binding, value dotnet.Value, dataType string) []string {
	var remarks []string
	remark := func(format string, args ...any) {
		remarks = append(remarks, fmt.Sprintf("output %s: ", output.Name)+fmt.Sprintf(format, args...))
	}
	if value.Kind == dotnet.KindString {
		decoded, isBase64 := dotnet.DecodeBase64(value.Text)
		switch {
		case isBase64 && dataType == "binary" && len(value.Text) > 0:
			remark("the string looks like base64, but with dataType binary the host does not decode it")
		case isBase64 && len(value.Text) < 64 && !utf8.Valid(decoded):
			remark("the string %q is valid base64, so the host decoded it; send strings in an array", value.Text)
		}
	}
	isNumber := value.Kind == dotnet.KindInteger || value.Kind == dotnet.KindFloat
	switch {
	case output.Is("blob") && (isNumber || value.Kind == dotnet.KindBool):
		remark("a number or boolean becomes raw bytes in a blob; send base64")
	case output.Is("queue") && (isObject(value) || slices.ContainsFunc(value.Items, isObject)):
		remark("an object is written to the queue on several lines, with its dates rewritten; send strings in an array")
	}
	if containsDate(value) {
		remark("a string that looks like a date is rewritten; send strings of JSON in an array, or base64")
	}
	return remarks
}

func isObject(v dotnet.Value) bool { return v.Kind == dotnet.KindObject }

func containsDate(v dotnet.Value) bool {
	return v.Kind == dotnet.KindDate || slices.ContainsFunc(v.Items, containsDate) ||
		slices.ContainsFunc(v.Fields, func(f dotnet.Field) bool { return containsDate(f.Value) })
}
