package outputs

import (
	"fmt"
	"unicode/utf16"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/quoted"
)

// propertyLimit is how many UTF-16 units of text a column holds. (Azure allows
// 32,768.) With so few columns as the tables here have, no row can reach the
// limit of 1 MiB then; their tests make sure of it.
const propertyLimit = 32_000

// Row is one row of a table while it is written: a JSON object, column by
// column. Columns without a value are left out.
type Row struct {
	text    *quoted.Text
	omitted []string
	err     error
}

// NewRow starts a row that replaces the one under the same keys.
//
// The docs say that the output binding only ever inserts. Its source says
// more: since Tables extension 1.1.0 a row that carries the entity tag "*" is
// upserted (TableEntityWriter in azure-sdk-for-net,
// sdk/tables/Microsoft.Azure.WebJobs.Extensions.Tables). Without it a
// redelivered event would fail its batch for ever.
func NewRow(to *quoted.Text, partitionKey, rowKey string) Row {
	r := Row{text: to}
	to.BeginObject()
	r.Text("ETag", "*")
	r.Text("PartitionKey", partitionKey)
	r.Text("RowKey", rowKey)
	return r
}

// Text writes a column of text.
func (r *Row) Text(column, text string) {
	if text == "" {
		return
	}
	if tooLong(text) {
		if r.err == nil {
			r.err = fmt.Errorf("column %s %w: it is longer than %d characters", column, ErrOversize, propertyLimit)
		}
		return
	}
	r.text.Name(column)
	r.text.String(text)
}

// TextCut writes a column of text, and cuts off what is too long.
func (r *Row) TextCut(column, text string) {
	if tooLong(text) {
		text = cut(text)
		r.omitted = append(r.omitted, "the end of column "+column)
	}
	r.Text(column, text)
}

// TextIfFits writes a column of text, unless the text is too long.
func (r *Row) TextIfFits(column, text string) {
	if tooLong(text) {
		r.omitted = append(r.omitted, "column "+column)
		return
	}
	r.Text(column, text)
}

// Time writes a column with a moment, as text.
func (r *Row) Time(column string, t conversation.Time) { moment(r.text, column, t) }

// Int writes a column with a whole number.
func (r *Row) Int(column string, number int) {
	r.text.Name(column)
	r.text.Int(number)
}

// True writes a column with a truth value, if it is true.
func (r *Row) True(column string, truth bool) {
	if truth {
		r.text.Name(column)
		r.text.Bool(true)
	}
}

// End ends the row; omitted names what was left out. The error is
// [ErrOversize].
func (r *Row) End() (omitted []string, err error) {
	r.text.EndObject()
	return r.omitted, r.err
}

func tooLong(text string) bool {
	return len(text) > propertyLimit && len(cut(text)) < len(text)
}

// cut returns as much of text as a column holds.
func cut(text string) string {
	units := 0
	for i, r := range text {
		units += utf16.RuneLen(r)
		if units > propertyLimit {
			return text[:i]
		}
	}
	return text
}
