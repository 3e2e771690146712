package dotnet

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
)

func (r *reader) number() Value {
	rest := r.text[r.at:]
	length := len(rest) - len(strings.TrimLeft(rest, "+-.0123456789abcdefABCDEFxX"))
	value, ok := parseNumber(rest[:length])
	if !ok {
		r.expected("a number")
		return Value{}
	}
	r.at += length
	return value
}

// parseNumber reads an integer of any size, also in JavaScript's octal (010)
// and hexadecimal (0x8) forms, or a double.
func parseNumber(text string) (Value, bool) {
	digits := strings.ToLower(strings.TrimPrefix(text, "-"))
	base := 10
	switch {
	case strings.HasPrefix(digits, "0x"):
		digits, base = digits[2:], 16
	case len(digits) > 1 && digits[0] == '0' && strings.Trim(digits, "01234567") == "":
		base = 8
	}
	if integer, ok := new(big.Int).SetString(digits, base); ok && !strings.ContainsAny(digits, "+-") {
		if strings.HasPrefix(text, "-") {
			integer.Neg(integer)
		}
		return Value{Kind: KindInteger, Text: integer.String()}, true
	}
	float, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || base == 16 {
		return Value{}, false
	}
	return Value{Kind: KindFloat, Float: float}, true
}

// formatFloat writes the shortest digits that read back as f, as .NET 10 does:
// in scientific notation from 1E+17 and below 1E-04.
func formatFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	scientific := strconv.FormatFloat(f, 'E', -1, 64)
	_, exponent, _ := strings.Cut(scientific, "E")
	if e, _ := strconv.Atoi(exponent); e >= 17 || e < -4 {
		return scientific
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
