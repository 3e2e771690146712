package storage

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Row is a row of a table.
type Row struct {
	PartitionKey string
	RowKey       string
	Timestamp    time.Time
	ETag         string
	Columns      []Column
}

// Column is a column of a row, other than its keys. Value is a string, int64,
// float64 or bool, depending on Type.
type Column struct {
	Name  string
	Type  Type
	Value any
}

// Type is a column's type.
type Type string

// The types that an output binding can write.
const (
	String  Type = "Edm.String"
	Int64   Type = "Edm.Int64"
	Double  Type = "Edm.Double"
	Boolean Type = "Edm.Boolean"
)

// Change writes one row.
type Change struct {
	Row Row
	// If is the condition: [Absent], [Always], or the ETag of the row to
	// replace.
	If string
}

// The conditions of a change.
const (
	// Absent inserts a row that must not exist.
	Absent = ""
	// Always inserts the row or replaces the existing one.
	Always = "*"
)

// Column returns a column's value, or nil.
func (r Row) Column(name string) any {
	for _, c := range r.Columns {
		if c.Name == name {
			return c.Value
		}
	}
	return nil
}

// Fields that the table service adds to a row's JSON.
const (
	typeSuffix     = "@odata.type"
	fieldTimestamp = "Timestamp"
	fieldETag      = "odata.etag"
)

// EncodeRow returns a row as the JSON that the table service takes.
func EncodeRow(row Row) []byte {
	text := []byte("{")
	field := func(name string, value any) {
		if len(text) > 1 {
			text = append(text, ',')
		}
		text, _ = jsontext.AppendQuote(text, name)
		encoded, err := json.Marshal(value)
		if err != nil {
			panic(err) // only strings, numbers and booleans
		}
		text = append(append(text, ':'), encoded...)
	}
	field("PartitionKey", row.PartitionKey)
	field("RowKey", row.RowKey)
	if row.ETag != "" {
		field(fieldTimestamp, row.Timestamp.Format(time.RFC3339Nano))
		field(fieldETag, row.ETag)
	}
	for _, c := range row.Columns {
		switch value := c.Value.(type) {
		case int64:
			field(c.Name+typeSuffix, string(c.Type))
			field(c.Name, strconv.FormatInt(value, 10))
		case float64:
			field(c.Name+typeSuffix, string(c.Type))
			field(c.Name, value)
		default:
			field(c.Name, value)
		}
	}
	return append(text, '}')
}

// DecodeRow parses what EncodeRow or the table service writes. The service may
// write a column's type before or after the column.
func DecodeRow(text []byte) (Row, error) {
	var row Row
	types := map[string]Type{}
	if jsontext.Value(text).Kind() != jsontext.KindBeginObject {
		return row, errors.New("a row must be a JSON object")
	}
	decoder := jsontext.NewDecoder(bytes.NewReader(text))
	_, err := decoder.ReadToken()
	for err == nil && decoder.PeekKind() == jsontext.KindString {
		var name string
		var value any
		if err = json.UnmarshalDecode(decoder, &name); err == nil {
			err = json.UnmarshalDecode(decoder, &value)
		}
		text, _ := value.(string)
		column, isType := strings.CutSuffix(name, typeSuffix)
		switch {
		case err != nil:
		case isType:
			types[column] = Type(text)
		case name == "PartitionKey":
			row.PartitionKey = text
		case name == "RowKey":
			row.RowKey = text
		case name == fieldTimestamp:
			row.Timestamp, err = time.Parse(time.RFC3339Nano, text)
		case name == fieldETag:
			row.ETag = text
		case !strings.HasPrefix(name, "odata."):
			row.Columns = append(row.Columns, Column{Name: name, Value: value})
		}
	}
	if err == nil {
		_, err = decoder.ReadToken() // the end of the object
	}
	for i := range row.Columns {
		if err == nil {
			err = row.Columns[i].setType(types[row.Columns[i].Name])
		}
	}
	return row, err
}

// setType sets the stated type, or else the type of the value.
func (c *Column) setType(stated Type) (err error) {
	c.Type = stated
	switch value := c.Value.(type) {
	case bool:
		c.Type = Boolean
	case float64:
		c.Type = Double
	case string:
		if stated == "" {
			c.Type = String
		}
		if stated == Int64 {
			c.Value, err = strconv.ParseInt(value, 10, 64)
		}
	}
	return err
}

// MarshalJSON implements [json.Marshaler].
func (r Row) MarshalJSON() ([]byte, error) { return EncodeRow(r), nil }
