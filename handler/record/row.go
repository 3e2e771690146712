package record

import (
	"fmt"
	"unicode/utf16"

	"whatsapp-functions/handler/conversation"
)

// propertyLimit is the length of a string column in UTF-16 units. Azure allows
// 32,768.
const propertyLimit = 32_000

// Row is a row of a table, written column by column. A column without a value is
// left out.
type Row struct {
	object  Object
	leftOut []string
	err     error
}

// NewRow starts a row that replaces any row with the same keys.
//
// Microsoft's documentation says that the output binding only inserts. Since
// Tables extension 1.1.0 a row with the entity tag "*" is upserted
// (TableEntityWriter in azure-sdk-for-net,
// sdk/tables/Microsoft.Azure.WebJobs.Extensions.Tables). Without the tag a
// redelivered event would fail its whole batch each time.
func NewRow(partitionKey, rowKey string) *Row {
	r := new(Row)
	r.object.Text("ETag", "*")
	r.object.Text("PartitionKey", partitionKey)
	r.object.Text("RowKey", rowKey)
	return r
}

// Text writes a column that can't be shortened.
func (r *Row) Text(name, text string) {
	if tooLong(text) {
		if r.err == nil {
			r.err = fmt.Errorf("column %s is %w: it is longer than %d characters", name, ErrOversize, propertyLimit)
		}
		return
	}
	r.object.Text(name, text)
}

// TextCut writes a column that is cut if it is too long.
func (r *Row) TextCut(name, text string) {
	if tooLong(text) {
		text = cut(text)
		r.leftOut = append(r.leftOut, "the end of column "+name)
	}
	r.object.Text(name, text)
}

// TextIfFits writes a column unless it is too long.
func (r *Row) TextIfFits(name, text string) {
	if tooLong(text) {
		r.leftOut = append(r.leftOut, "column "+name)
		return
	}
	r.object.Text(name, text)
}

// Time writes a column with a time, as text.
func (r *Row) Time(name string, t conversation.Time) { r.object.Time(name, t) }

// Int writes a column with an integer.
func (r *Row) Int(name string, value int) { r.object.Int(name, value) }

// True writes a column with true, if the value is true.
func (r *Row) True(name string, value bool) { r.object.True(name, value) }

// Encode returns the row, and the names of what it left out. The error is
// [ErrOversize].
func (r *Row) Encode() (text []byte, leftOut []string, err error) {
	if r.err != nil {
		return nil, nil, r.err
	}
	return r.object.bytes(), r.leftOut, nil
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
