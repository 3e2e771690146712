package main

import (
	"strings"
	"testing"
)

func TestTheTimeOfARow(t *testing.T) {
	for name, test := range map[string]struct {
		row  row
		want string
		err  string
	}{
		"a time of receipt": {
			row:  row{ReceivedAt: "2026-11-20T09:15:01.0000000Z", RowKey: "2516071346968078283-m"},
			want: "2026-11-20T09:15:01.0000000Z",
		},
		"the time of its key":                  {row: row{RowKey: "2516071346968078283-m"}, want: "2026-11-20T09:15:03.1921716Z"},
		"before 1970":                          {row: row{RowKey: "2534023008000000000-m"}, want: "1969-12-31T23:59:59.9999999Z"},
		"the latest time that a key can have":  {row: row{RowKey: "0000000000000000000-m"}, want: "9999-12-31T23:59:59.9999999Z"},
		"no time":                              {row: row{RowKey: "3155378975999999999-m"}},
		"a key after the latest time":          {row: row{RowKey: "3155378976000000000-m"}, err: "nor one in RowKey"},
		"a key that is not a number":           {row: row{RowKey: "-516071346968078283-m"}, err: "nor one in RowKey"},
		"a short key":                          {row: row{RowKey: "2515"}, err: "nor one in RowKey"},
		"a time of receipt that is not a time": {row: row{ReceivedAt: "yesterday"}, err: "neither a time in ReceivedAt"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.row.time()
			if got != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("%q, %v; want %q, %q", got, err, test.want, test.err)
			}
		})
	}
}
