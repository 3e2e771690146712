package record

import (
	"fmt"
	"slices"
	"unicode/utf16"

	"whatsapp-functions/handler/quoted"
)

const (
	// propertyLimit is the length of a string column in UTF-16 units. Azure
	// allows 32,768.
	propertyLimit = 32_000
	// rowLimit is the size of a row in bytes.
	rowLimit = 1 << 20
)

// Row is a row of a table, built column by column. A column without a value is
// left out.
type Row struct {
	columns [40]column
	number  int
	leftOut []string
	err     error
}

type column struct {
	name  string
	text  string
	value int
	float float64
	kind  columnKind
}

type columnKind int

const (
	fixedText columnKind = iota
	cutText
	optionalText
	integer
	double
	truth
)

// Keys sets the keys. The row replaces any row with the same keys.
//
// According to its documentation the output binding only inserts. Since
// Tables extension 1.1.0 a row with the entity tag "*" is upserted
// (TableEntityWriter in azure-sdk-for-net,
// sdk/tables/Microsoft.Azure.WebJobs.Extensions.Tables). Without the tag a
// redelivered event would fail its whole batch each time.
func (r *Row) Keys(partitionKey, rowKey string) {
	r.Text("ETag", "*")
	r.columns[partitionColumn] = column{name: "PartitionKey", text: partitionKey}
	r.number = partitionColumn + 1
	r.Text("RowKey", rowKey)
}

// partitionColumn is the place of the partition key in columns.
const partitionColumn = 1

// SetPartitionKey replaces the partition key, so that the same row can be written to
// several partitions.
func (r *Row) SetPartitionKey(partitionKey string) {
	r.columns[partitionColumn].text = partitionKey
}

// Text adds a string that can't be shortened.
func (r *Row) Text(name, text string) {
	if tooLong(text) && r.err == nil {
		r.err = fmt.Errorf("column %s is %w: it is longer than %d characters", name, ErrOversize, propertyLimit)
	}
	r.add(column{name: name, text: text})
}

// TextCut adds a string that is cut if it is too long, or if the row is.
func (r *Row) TextCut(name, text string) {
	if tooLong(text) {
		text = cutUnits(text, propertyLimit)
		r.leftOut = append(r.leftOut, "the end of column "+name)
	}
	r.add(column{name: name, text: text, kind: cutText})
}

// TextIfFits adds a string unless it is too long, or the row is.
func (r *Row) TextIfFits(name, text string) {
	if tooLong(text) {
		r.leftOut = append(r.leftOut, "column "+name)
		return
	}
	r.add(column{name: name, text: text, kind: optionalText})
}

// Int adds an integer.
func (r *Row) Int(name string, value int) {
	r.add(column{name: name, value: value, kind: integer})
}

// Float adds a number that is not an integer.
func (r *Row) Float(name string, value float64) {
	r.add(column{name: name, float: value, kind: double})
}

// True adds true, if the value is true.
func (r *Row) True(name string, value bool) {
	if value {
		r.add(column{name: name, kind: truth})
	}
}

func (r *Row) add(c column) {
	if c.text != "" || c.kind >= integer {
		r.columns[r.number] = c
		r.number++
	}
}

// Encode writes the row and returns the names of what it left out. The error is
// [ErrOversize].
func (r *Row) Encode(to *quoted.Text) (leftOut []string, err error) {
	if r.err == nil {
		r.shrink()
	}
	if r.err != nil {
		return nil, r.err
	}
	to.Begin()
	for _, c := range r.columns[:r.number] {
		switch c.kind {
		case integer:
			to.Int(c.name, c.value)
		case double:
			to.Float(c.name, c.float)
		case truth:
			to.Bool(c.name, true)
		default:
			to.String(c.name, c.text)
		}
	}
	to.End()
	return r.leftOut, nil
}

// shrink makes the row as small as a row may be: it drops optional columns, then
// cuts texts.
func (r *Row) shrink() {
	for _, kind := range [...]columnKind{optionalText, cutText} {
		for i := range r.columns[:r.number] {
			c := &r.columns[i]
			excess := r.size() - rowLimit
			if excess <= 0 {
				return
			}
			if c.kind != kind || c.text == "" {
				continue
			}
			if kind == optionalText {
				c.text = ""
				r.leftOut = append(r.leftOut, "column "+c.name)
				continue
			}
			c.text = cutUnits(c.text, max(0, units(c.text)-(excess+1)/2))
			if part := "the end of column " + c.name; !slices.Contains(r.leftOut, part) {
				r.leftOut = append(r.leftOut, part)
			}
		}
	}
	if excess := r.size() - rowLimit; excess > 0 {
		r.err = fmt.Errorf("the row is %w: %d bytes over the limit without Event and texts", ErrOversize, excess)
	}
}

// size returns at least the size of the row as Azure counts it,
// https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model.
func (r *Row) size() (size int) {
	size = 4
	exact := false
	for {
		for _, c := range r.columns[:r.number] {
			length := len(c.text) // never less than the UTF-16 units
			if exact {
				length = units(c.text)
			}
			size += 8 + 2*len(c.name) + 4 + 2*length
		}
		if size <= rowLimit || exact {
			return size
		}
		size, exact = 4, true
	}
}

func units(text string) (units int) {
	for _, r := range text {
		units += utf16.RuneLen(r)
	}
	return units
}

func tooLong(text string) bool {
	return len(text) > propertyLimit && units(text) > propertyLimit
}

// cutUnits returns the start of text with at most so many UTF-16 units.
func cutUnits(text string, limit int) string {
	units := 0
	for i, r := range text {
		units += utf16.RuneLen(r)
		if units > limit {
			return text[:i]
		}
	}
	return text
}
