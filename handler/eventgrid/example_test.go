package eventgrid_test

import (
	"fmt"

	"whatsapp-functions/handler/eventgrid"
)

func ExampleDecode() {
	for _, text := range []string{
		`{"id": "1", "topic": "/t", "eventType": "T", "eventTime": "2026-11-20T09:15:03.1921716Z", "data": {"a": 1}}`,
		`{"id": "2", "source": "/t", "type": "T", "specversion": "1.0", "time": null, "data": {"a": 1}}`,
	} {
		event, err := eventgrid.Decode(parse(text))
		fmt.Println(event.ID, event.Source, event.Type, event.Time != nil, event.Data, err)
	}
	// Output:
	// 1 /t T true {"a": 1} <nil>
	// 2 /t T false {"a": 1} <nil>
}
