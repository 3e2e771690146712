package storage

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"strconv"
	"strings"
	"time"
)

// The members of a row in JSON, as the table service writes it: a type is told
// where the value does not tell it. Members that start with odata are the
// service's own.
const (
	memberPartitionKey = "PartitionKey"
	memberRowKey       = "RowKey"
	memberTimestamp    = "Timestamp"
	memberETag         = "odata.etag"
	typeSuffix         = "@odata.type"
)

// EncodeRow is a row in JSON, as the table service takes it.
func EncodeRow(row Row) []byte {
	text := []byte("{")
	member := func(name string, value any) {
		if len(text) > 1 {
			text = append(text, ',')
		}
		text, _ = jsontext.AppendQuote(text, name)
		encoded, err := json.Marshal(value)
		if err != nil {
			panic(err) // nothing but text, numbers and truth values
		}
		text = append(append(text, ':'), encoded...)
	}
	member(memberPartitionKey, row.PartitionKey)
	member(memberRowKey, row.RowKey)
	if row.ETag != "" {
		member(memberTimestamp, row.Timestamp.Format(time.RFC3339Nano))
		member(memberETag, row.ETag)
	}
	for _, c := range row.Columns {
		switch value := c.Value.(type) {
		case int64:
			member(c.Name+typeSuffix, string(c.Type))
			member(c.Name, strconv.FormatInt(value, 10))
		case float64:
			member(c.Name+typeSuffix, string(c.Type))
			member(c.Name, value)
		default:
			member(c.Name, value)
		}
	}
	return append(text, '}')
}

// DecodeRow reads what EncodeRow or the table service writes. The service tells
// a column's type ahead of the column or behind it.
func DecodeRow(text []byte) (Row, error) {
	var row Row
	types := map[string]Type{}
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
		case name == memberPartitionKey:
			row.PartitionKey = text
		case name == memberRowKey:
			row.RowKey = text
		case name == memberTimestamp:
			row.Timestamp, err = time.Parse(time.RFC3339Nano, text)
		case name == memberETag:
			row.ETag = text
		case !strings.HasPrefix(name, "odata."):
			row.Columns = append(row.Columns, Column{Name: name, Value: value})
		}
	}
	if err != nil {
		return row, err
	}
	for i := range row.Columns {
		if err := row.Columns[i].setType(types[row.Columns[i].Name]); err != nil {
			return row, err
		}
	}
	return row, nil
}

// setType gives a column the type that was told, or else that of its value.
func (c *Column) setType(told Type) error {
	c.Type = told
	switch value := c.Value.(type) {
	case bool:
		c.Type = Boolean
	case float64:
		c.Type = Double
	case string:
		if told == "" {
			c.Type = String
		}
		if told == Int64 {
			number, err := strconv.ParseInt(value, 10, 64)
			c.Value = number
			return err
		}
	}
	return nil
}
