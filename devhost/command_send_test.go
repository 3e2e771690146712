package main

import "testing"

func TestAddressToPublishAt(t *testing.T) {
	for _, test := range []struct{ topic, provider, want string }{
		{topicAddress, providerACS, "http://127.0.0.1:7071/events"},
		{topicAddress, providerMeta, "http://127.0.0.1:7071/meta"},
		{"127.0.0.1:7191", providerACS, "http://127.0.0.1:7191/events"},
		{"localhost:7191/", providerMeta, "http://localhost:7191/meta"},
		{"http://127.0.0.1:7191/", providerACS, "http://127.0.0.1:7191/events"},
		{"http://127.0.0.1:7191/meta", providerMeta, "http://127.0.0.1:7191/meta"},
		{"http://127.0.0.1:7191/meta", providerACS, "http://127.0.0.1:7191/events"},
		{"http://127.0.0.1:7191/other?code=1", providerACS, "http://127.0.0.1:7191/other?code=1"},
	} {
		if got, err := publishAddress(test.topic, test.provider); err != nil || got != test.want {
			t.Errorf("--topic %s --provider %s: %s, %v, want %s", test.topic, test.provider, got, err, test.want)
		}
	}
	for _, topic := range []string{"", "http://", "http://127.0.0.1:port"} {
		if got, err := publishAddress(topic, providerACS); err == nil {
			t.Errorf("--topic %q: %s, want an error", topic, got)
		}
	}
}
