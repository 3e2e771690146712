package status

import (
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/outputs"
	"whatsapp-functions/handler/quoted"
)

// row writes the row of one status of one message. The columns' names are part
// of version 1.
func row(to *quoted.Text, s *conversation.Status) (omitted []string, err error) {
	r := outputs.NewRow(to, s.PartitionKey(), s.RowKey())
	r.Text("EventId", s.EventID)
	r.Text("Status", s.Status)
	r.Int("Rank", s.Rank())
	r.Time("OccurredAt", s.OccurredAt)
	r.Text("Phone", s.To.Phone)
	r.Text("Bsuid", s.To.BSUID)
	r.Text("ChannelId", s.Channel.ID)
	if s.Error != nil {
		r.Text("ErrorCode", s.Error.Code)
		r.Text("ErrorMessage", s.Error.Message)
	}
	if s.Failure != nil {
		r.Text("FailureClass", string(s.Failure.Class))
		r.Text("Retry", string(s.Failure.Retry))
	}
	r.TextIfFits("Event", string(s.Raw))
	return r.End()
}
