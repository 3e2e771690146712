package record

import (
	"strconv"
	"strings"

	"whatsapp-functions/handler/conversation"
)

// .NET counts time in ticks of 100 ns since the start of the year 1. Keys use
// ticks because the log tail pattern of Azure Tables does, see
// https://learn.microsoft.com/azure/storage/tables/table-storage-design-patterns#log-tail-pattern.
const (
	// lastTick is DateTime.MaxValue.Ticks, the end of the year 9999.
	lastTick int64 = 3155378975999999999
	// unixTicks is the number of ticks from the year 1 to 1970.
	unixTicks int64 = 621355968000000000
	// keyDigits is the number of digits of lastTick.
	keyDigits = 19
)

// newestFirst writes a time with 19 digits so that later times sort first. No
// time is the oldest of all.
func newestFirst(t conversation.Time) string {
	var ticks int64
	if !t.IsZero() {
		std := t.Std()
		ticks = std.Unix()*10_000_000 + int64(std.Nanosecond()/100) + unixTicks
	}
	digits := strconv.FormatInt(lastTick-ticks, 10)
	return strings.Repeat("0", keyDigits-len(digits)) + digits
}
