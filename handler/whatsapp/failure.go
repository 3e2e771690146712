// Package whatsapp knows WhatsApp's error codes, which providers pass on.
package whatsapp

import (
	"strconv"

	"whatsapp-functions/handler/conversation"
)

// rule classifies the codes from first to last.
type rule struct {
	first, last int
	class       conversation.FailureClass
	retry       conversation.Retry
	advice      string
}

// Failure classifies the failure that a status reports, and returns nil if it
// reports none. Only the code counts: the message is for people, and changes.
func Failure(s *conversation.Status) *conversation.Failure {
	if !s.Failed() {
		return nil
	}
	if s.Error != nil {
		if code, err := strconv.Atoi(s.Error.Code); err == nil {
			for _, r := range rules {
				if r.first <= code && code <= r.last {
					return &conversation.Failure{Class: r.class, Retry: r.retry, Advice: r.advice}
				}
			}
		}
	}
	return &conversation.Failure{
		Class:  conversation.ClassUnknown,
		Retry:  conversation.RetryNever,
		Advice: "The cause is not known: do not resend automatically; look the code up.",
	}
}

// rules are WhatsApp's error codes; the first rule with a code counts. Their meaning is from Meta's page
// https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
// and from how public handlers treat them. The classes are this project's choice;
// where two classes are possible it is the more careful one. A provider never
// resends: a retry is a new message with a new id.
var rules = []rule{
	// Temporary.
	{2, 2, transient, backoff, "The service is down or overloaded: back off."},
	{4, 4, transient, backoff, "The app's call rate limit: slow down all sending."},
	{80007, 80007, transient, backoff, "The account's call rate limit: slow down all sending."},
	{613, 613, transient, backoff, "The rate limit of calls: slow down."},
	{130429, 130429, transient, backoff, "The throughput limit of the business number: slow this number down."},
	{131016, 131016, transient, backoff, "The service is unavailable: back off."},
	{131056, 131056, transient, backoff, "Too many messages to this recipient: wait for this pair only."},
	{131057, 131057, transient, backoff, "The business account is in maintenance: wait minutes."},
	{131208, 131208, transient, backoff, "The rate limit of changes to groups: slow this number down."},
	{133004, 133004, transient, backoff, "The registration service is down: wait; if it lasts, alert an operator."},
	{133015, 133015, transient, backoff, "The number was deleted a moment ago: wait minutes; alert an operator."},
	{133016, 133016, transient, backoff, "Too many registration attempts: wait; alert an operator."},
	{134101, 134101, transient, backoff, "The template is still being synchronised: wait minutes."},
	{2494100, 2494100, transient, backoff, "The business number is in maintenance mode: wait a few minutes."},

	// The message may have been sent.
	{1, 1, unknownOutcome, checkFirst, "An unknown API error: check that it did not arrive before sending again."},
	{131000, 131000, unknownOutcome, checkFirst, "Something went wrong: one retry, after checking that it did not arrive."},

	// The customer service window is closed.
	{131047, 131047, windowClosed, never, "More than 24 hours since the person last wrote: send a template."},
	{470, 470, windowClosed, never, "More than 24 hours since the person last wrote: send a template."},

	// WhatsApp refuses the message.
	{368, 368, policy, never, "The account is restricted for a policy violation: alert an operator."},
	{130472, 130472, policy, never, "The recipient is part of an experiment: do not resend the same template."},
	{130497, 130497, policy, never, "The account may not message this country."},
	{131031, 131031, policy, never, "The account is locked: alert an operator."},
	{131048, 131048, policy, never, "The spam rate limit of the business number: stop, and check its quality rating."},
	{131049, 131049, policy, never, "Not delivered, to limit marketing messages per person: wait at least 24 hours; the number is valid."},
	{131063, 131063, policy, never, "Marketing templates are disabled for the account: alert an operator."},
	{131064, 131064, policy, never, "The template classification limit: alert an operator."},
	{131207, 131207, policy, never, "The group is suspended for a policy violation: alert an operator."},
	{132007, 132007, policy, never, "The template violates a policy: an operator must correct it."},
	{132015, 132015, policy, never, "The template is paused for its quality: an operator must correct it."},
	{132016, 132016, policy, never, "The template is disabled for its quality: an operator must replace it."},
	{132068, 132068, policy, never, "The flow is blocked: an operator must correct it."},
	{139000, 139000, policy, never, "The account may not publish flows, for a policy violation: alert an operator."},

	// The person opted out.
	{131050, 131050, optedOut, never, "The person stopped marketing messages: send no more of them."},

	// This person can't be reached.
	{131020, 131020, recipient, never, "The group has no other member."},
	{131021, 131021, recipient, never, "Recipient and sender are the same number."},
	{131026, 131026, recipient, never, "Undeliverable: not on WhatsApp, terms not accepted or an old client. Use another channel."},
	{131030, 131030, recipient, never, "The recipient is not on the test number's allow-list."},
	{131041, 131041, recipient, never, "The group does not exist, or the business number is not a member of it."},

	// The configuration or the content has to be corrected.
	{0, 0, configuration, never, "Authentication failed: the channel's link to Meta needs an operator."},
	{3, 3, configuration, never, "A capability or permission is missing: the channel's link to Meta needs an operator."},
	{10, 10, configuration, never, "A permission is missing: the channel's link to Meta needs an operator."},
	{33, 33, configuration, never, "The business number was deleted, or a value is wrong."},
	{100, 100, configuration, never, "A parameter is wrong: correct the message."},
	{190, 190, configuration, never, "The access token expired: the channel's link to Meta needs an operator."},
	{200, 299, configuration, never, "A permission is missing: the channel's link to Meta needs an operator."},
	{131005, 131005, configuration, never, "Access is denied: the channel's link to Meta needs an operator."},
	{131008, 131008, configuration, never, "A parameter is missing: correct the message."},
	{131009, 131009, configuration, never, "A parameter's value is wrong: correct the message."},
	{131037, 131037, configuration, never, "The display name is not approved: an operator must get it approved."},
	{131042, 131042, configuration, never, "A payment problem: alert an operator."},
	{131044, 131044, configuration, never, "The business account may not send this message: alert an operator."},
	{131045, 131045, configuration, never, "The business number's registration failed: an operator must register it."},
	{131051, 131051, configuration, never, "This type of message is not supported."},
	{131052, 131052, configuration, never, "What the person sent could not be downloaded: ask for it again."},
	{131053, 131053, configuration, never, "The media could not be fetched, or its type is not supported: check both before sending again."},
	{131055, 131055, configuration, never, "Only marketing templates may go this way."},
	{131059, 131059, configuration, never, "A cursor into a list is not valid: not expected for a message: alert an operator."},
	{131060, 131060, configuration, never, "What the person sent is not available: ask for it again."},
	{131062, 131062, configuration, never, "This message can't be sent to a user id: send it to the phone number."},
	{131201, 131215, configuration, never, "A request about a group is wrong or over a limit: correct the request."},
	{132000, 132000, configuration, never, "The number of template parameters is wrong: correct the message."},
	{132001, 132001, configuration, never, "The template does not exist in this language: correct the message."},
	{132005, 132005, configuration, never, "The template's text is too long once filled in: correct the message."},
	{132008, 132008, configuration, never, "The value of a template parameter is not valid: correct the message."},
	{132012, 132012, configuration, never, "A template parameter has the wrong format: correct the message."},
	{132018, 132018, configuration, never, "The template's parameters are not valid: correct the message."},
	{132069, 132069, configuration, never, "The flow is throttled to 10 an hour: correct the flow."},
	{133000, 133000, configuration, never, "A deregistration did not finish: an operator must repeat it."},
	{133005, 133005, configuration, never, "The two-step PIN is wrong: an operator must correct it."},
	{133006, 133006, configuration, never, "The number must be verified first: an operator must do so."},
	{133008, 133008, configuration, never, "The two-step PIN was tried too often: an operator must wait and correct it."},
	{133009, 133009, configuration, never, "The two-step PIN was entered too fast: an operator must wait and repeat it."},
	{133010, 133010, configuration, never, "The business number is not registered: an operator must register it."},
	{134011, 134011, configuration, never, "The payments terms are not accepted: alert an operator."},
	{134100, 134100, configuration, never, "Only marketing messages may go this way."},
	{134102, 134102, configuration, never, "The template is not available: alert an operator."},
	{135000, 135000, configuration, never, "A parameter is wrong: correct the message."},
	{137000, 137000, configuration, never, "The person's identity key has changed: verify the person, then send with the new key."},
	{138000, 138999, configuration, never, "A call, or the permission for it, is not possible: not expected for a message."},
	{139000, 139999, configuration, never, "A flow or a list of blocked people could not be changed: not expected for a message."},
	{147001, 147005, configuration, never, "A username is not valid or not available: not expected for a message: alert an operator."},
	{200005, 200007, configuration, never, "Template analytics are not available: not expected for a message: alert an operator."},
	{1752041, 1752041, configuration, never, "An onboarding error: not expected for a message: alert an operator."},
	{2388000, 2388999, configuration, never, "A template could not be created or changed: not expected for a message: alert an operator."},
	{2593000, 2593999, configuration, never, "A migration error: not expected for a message: alert an operator."},
}

const (
	transient      = conversation.ClassTransient
	unknownOutcome = conversation.ClassUnknownOutcome
	windowClosed   = conversation.ClassWindowClosed
	policy         = conversation.ClassPolicy
	optedOut       = conversation.ClassOptedOut
	recipient      = conversation.ClassRecipient
	configuration  = conversation.ClassConfiguration

	backoff    = conversation.RetryBackoff
	checkFirst = conversation.RetryCheckFirst
	never      = conversation.RetryNever
)
