package main

import (
	"fmt"
	"slices"
	"strings"

	"whatsapp-functions/handler/conversation"
)

// person is what is known of the person.
type person struct {
	// identities are phone numbers and business-scoped ids, in the order in which
	// they were found. The given ones come first.
	identities []string
	given      int
	channels   []string
	// messages are the ids of the person's messages and of their events. Some queue
	// messages name nothing else.
	messages map[string]bool
	// files are the names of blobs.
	files map[string]bool
}

func newPerson(channels []string) *person {
	p := &person{messages: map[string]bool{}, files: map[string]bool{}}
	for _, channel := range channels {
		p.channels = append(p.channels, conversation.LowerGUID(channel))
	}
	return p
}

// add adds a given identity.
func (p *person) add(identity string) {
	if !slices.Contains(p.identities, identity) {
		p.identities = append(p.identities, identity)
		p.given++
	}
}

// parties are the people whom an item is about, and what identifies the item.
type parties struct {
	people    []conversation.Participant
	channel   string
	messageID string
	eventID   string
	file      string
}

// isEmpty reports whether an item names no person in a field for one.
func (i parties) isEmpty() bool {
	return !slices.ContainsFunc(i.people, func(one conversation.Participant) bool { return len(one.Identities()) > 0 })
}

// owns reports whether an item is about the person. An item without a person can
// name one of the person's messages.
func (p *person) owns(i parties) bool {
	if len(p.channels) > 0 && !slices.Contains(p.channels, i.channel) {
		return false
	}
	if i.isEmpty() {
		return p.messages[i.messageID] || p.messages[i.eventID]
	}
	return slices.ContainsFunc(i.people, p.is)
}

// is reports whether one of the participant's identities is the person's.
func (p *person) is(one conversation.Participant) bool {
	return p.depth(one) >= 0
}

// depth returns the position of the first of the person's identities that the
// participant has, or -1.
func (p *person) depth(one conversation.Participant) int {
	return slices.IndexFunc(p.identities, func(identity string) bool { return slices.Contains(one.Identities(), identity) })
}

// learn takes the ids and the file of an item of the person and, with links, the
// other identities in it.
func (p *person) learn(i parties, links bool) {
	for _, id := range []string{i.messageID, i.eventID} {
		if id != "" {
			p.messages[id] = true
		}
	}
	if i.file != "" {
		p.files[i.file] = true
	}
	for _, one := range i.people {
		if !links || !p.is(one) {
			continue
		}
		for _, identity := range one.Identities() {
			if !slices.Contains(p.identities, identity) {
				p.identities = append(p.identities, identity)
			}
		}
	}
}

// known counts what is known. It grows until nothing more is found.
func (p *person) known() int { return len(p.identities) + len(p.messages) + len(p.files) }

// String lists the identities.
func (p *person) String() string {
	text := "person: " + strings.Join(p.identities[:p.given], ", ")
	if linked := p.identities[p.given:]; len(linked) > 0 {
		text += fmt.Sprintf("; linked to it: %s", strings.Join(linked, ", "))
	}
	return text
}

// escapedPlus undoes the escape that .NET writes for the sign before a phone number.
var escapedPlus = strings.NewReplacer(`\u002B`, "+", `\u002b`, "+")

// mentioned reports whether a text has one of the person's identities as a word.
func (p *person) mentioned(text string) bool {
	text = escapedPlus.Replace(text)
	return slices.ContainsFunc(p.identities, func(identity string) bool {
		for at := 0; ; at++ {
			found := strings.Index(text[at:], identity)
			if found < 0 {
				return false
			}
			at += found
			end := at + len(identity)
			if (at == 0 || !isWord(text[at-1])) && (end == len(text) || !isWord(text[end])) {
				return true
			}
		}
	})
}

// isWord reports whether a byte can be part of a phone number or an id.
func isWord(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}
