package dotnet

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
)

func (r *reader) number() (Value, error) {
	if strings.HasPrefix(r.text[r.at:], "-I") {
		return r.word()
	}
	start := r.at
	for !r.end() && strings.IndexByte("+-.0123456789abcdefABCDEFxX", r.peek()) >= 0 {
		r.at++
	}
	text := r.text[start:r.at]
	if value, ok := parseNumber(text); ok {
		return value, nil
	}
	r.at = start
	return Value{}, r.unexpected("a number")
}

// parseNumber reads an integer of any size, also in the octal (010) and
// hexadecimal (0x8) forms of JavaScript, or a double.
func parseNumber(text string) (Value, bool) {
	digits := strings.TrimPrefix(text, "-")
	base := 10
	switch {
	case len(digits) > 2 && (digits[1] == 'x' || digits[1] == 'X') && digits[0] == '0':
		digits, base = digits[2:], 16
	case len(digits) > 1 && digits[0] == '0' && strings.Trim(digits, "01234567") == "":
		base = 8
	}
	if strings.Trim(digits, "0123456789abcdefABCDEF") == "" && digits != "" {
		if integer, ok := new(big.Int).SetString(digits, base); ok {
			if strings.HasPrefix(text, "-") {
				integer.Neg(integer)
			}
			return Value{Kind: KindInteger, Text: integer.String()}, true
		}
	}
	float, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || strings.ContainsAny(text, "xX") {
		return Value{}, false
	}
	return Value{Kind: KindFloat, Float: float}, true
}
