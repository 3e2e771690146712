package conversation

import "time"

// window is WhatsApp's customer service window: how long the business may write
// free text after a message from the person.
const window = 24 * time.Hour

// windowEnd returns the end of the window that a message at this time opens.
func windowEnd(at Time) Time {
	if at.IsZero() {
		return Time{}
	}
	end := at.time.Add(window)
	if end.Year() > 9999 {
		return Time{}
	}
	return At(end)
}
