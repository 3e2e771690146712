package bridge

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/dotnet"
)

// remarksOnAnswer says what of an answer nobody looks at.
func remarksOnAnswer(function app.Function, answer Answer) []string {
	var remarks []string
	bound := func(name string) bool {
		return slices.ContainsFunc(function.Outputs, func(o app.Binding) bool { return o.Name == name })
	}
	for _, m := range answer.Outputs {
		switch {
		case m.Name == returnValue && bound(returnValue):
			remarks = append(remarks, "Outputs has a $return, which the host overwrites: send it as ReturnValue")
		case !bound(m.Name):
			remarks = append(remarks, fmt.Sprintf("output %s is not bound in %s/function.json (names are compared to the letter): the host ignores it", m.Name, function.Name))
		}
	}
	if answer.ReturnValue.Kind == dotnet.KindNull || bound(returnValue) {
		return remarks
	}
	used := false
	for _, m := range answer.ReturnValue.Fields {
		used = used || bound(m.Name)
	}
	if used {
		return append(remarks, "ReturnValue is an object, so each of its members goes to the output of that name, ahead of Outputs")
	}
	return append(remarks, "ReturnValue is ignored: no output is called $return")
}

// remarksOnValue says what the host makes of a value that its sender may not
// have meant.
func remarksOnValue(output app.Binding, value dotnet.Value, dataType string) []string {
	var remarks []string
	remark := func(format string, args ...any) {
		remarks = append(remarks, fmt.Sprintf("output %s: ", output.Name)+fmt.Sprintf(format, args...))
	}
	isBlob := output.Is("blob")
	if value.Kind == dotnet.KindString {
		decoded, is64 := decodeBase64(value.Text)
		switch {
		case is64 && dataType == "binary" && len(value.Text) > 0:
			remark("the text looks like base64, but dataType binary keeps the host from decoding it")
		case is64 && len(value.Text) < 64 && !utf8.Valid(decoded):
			remark("the text %q could be base64, so the host decoded it; send texts in an array", value.Text)
		}
	}
	switch {
	case isBlob && (value.Kind == dotnet.KindInteger || value.Kind == dotnet.KindFloat || value.Kind == dotnet.KindBool):
		remark("a number or truth value becomes raw bytes in a blob; send base64")
	case output.Is("queue") && (value.Kind == dotnet.KindObject || slices.ContainsFunc(value.Items, isObject)):
		remark("an object arrives in the queue on several lines, with its dates rewritten; send texts in an array")
	}
	if holdsDate(value) {
		remark("a text that looks like a date is rewritten; send texts that hold JSON, in an array, or base64")
	}
	return remarks
}

func isObject(v dotnet.Value) bool { return v.Kind == dotnet.KindObject }

func holdsDate(v dotnet.Value) bool {
	return v.Kind == dotnet.KindDate || slices.ContainsFunc(v.Items, holdsDate) ||
		slices.ContainsFunc(v.Fields, func(m dotnet.Field) bool { return holdsDate(m.Value) })
}
