package conversation

import "time"

// window is how long after a person's message the business may write freely:
// WhatsApp's customer service window.
const window = 24 * time.Hour

// replyBy is the end of the window that a message opens, if its time is known.
func replyBy(at Time) Time {
	if at.IsZero() || at.year1() {
		return Time{}
	}
	end := at.moment.Add(window)
	if end.Year() > 9999 {
		return Time{}
	}
	return At(end)
}
