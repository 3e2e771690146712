package conversation

// Media describes a file. Its content is downloaded from the provider by ID.
type Media struct {
	ID       string
	MIMEType string
	// FileName is the name that the sender gave a document. Never use it as a
	// path.
	FileName string
	Caption  string
	// SHA256 is the hash of the content, in lower-case hexadecimal digits.
	SHA256 string
	// Animated is set for stickers only.
	Animated *bool
	// Voice is set for audio only: whether it was recorded in the chat.
	Voice *bool
}

// Reference is the context of a message: the earlier message that it replies to, the
// product that it asks about, or that it was forwarded. Any part may be missing.
type Reference struct {
	// MessageID is the id of the earlier message, and From its author's phone number
	// in the form of [Participant.Phone].
	MessageID, From string
	// Forwarded reports whether the message was forwarded, and ForwardedManyTimes
	// whether more than five times.
	Forwarded, ForwardedManyTimes bool
	// Product is the product of a catalog that the person asks about.
	Product *Product
}

// Product is a product of a catalog.
type Product struct {
	CatalogID, ProductID string
}

// Button is a quick-reply button: its text, and the payload that the template
// attached to it.
type Button struct {
	Text    string
	Payload string
}

// Choice is a person's answer to an interactive message of the business: a button, an
// entry of a list, a form, or whether the business may call.
type Choice struct {
	Kind ChoiceKind
	// ID is the id that the business gave the button or entry, the name of the form,
	// or the answer to a request for calls, such as accept.
	ID string
	// Title is the label of the button or entry, or the text that the chat shows
	// instead of the form.
	Title string
	// Description is the second line of a list's entry.
	Description string
	// Response has the fields of a form as the person filled them in, or the whole
	// answer to a request for calls: a JSON object. It is "" for other kinds.
	Response string
}

// ChoiceKind is the kind of interactive message that a choice answers.
type ChoiceKind string

// The kinds of choices.
const (
	ChoiceButton         ChoiceKind = "button"
	ChoiceList           ChoiceKind = "list"
	ChoiceFlow           ChoiceKind = "flow"
	ChoiceAddress        ChoiceKind = "address"
	ChoiceCallPermission ChoiceKind = "callPermission"
)

// Reaction is an emoji on an earlier message, or its removal.
type Reaction struct {
	MessageID string
	Emoji     string
	Removed   bool
}

// Location is a place on the map that a person sent: the person's position or another
// place.
type Location struct {
	// Latitude and Longitude are in degrees, north and east of zero.
	Latitude, Longitude float64
	// Name, Address and URL describe a place that the person chose. They are "" for
	// the person's position.
	Name, Address, URL string
}

// Contact is a contact card.
type Contact struct {
	Name string
	// Phones are in the form of [Participant.Phone].
	Phones []string
	Emails []string
}

// Order is an order of products of a catalog.
type Order struct {
	CatalogID string
	Text      string
	Items     []OrderItem
}

// OrderItem is a product of an order. Quantity and Price are nil if they are not
// known; Currency is a code of ISO 4217.
type OrderItem struct {
	ProductID       string
	Quantity, Price *float64
	Currency        string
}

// System is a notice that a person has another identity now.
type System struct {
	// Type is the provider's name of the change, such as user_changed_number.
	Type string
	Text string
	// Phone and BSUID are the new identity.
	Phone, BSUID string
}

// Target identifies the earlier message that an edit changes or a revocation deletes.
type Target struct {
	MessageID string
}

// Referral is an ad or a post with a link to the chat.
type Referral struct {
	SourceType, SourceID, SourceURL string
	Headline, Body                  string
	// ClickID identifies the click on the ad.
	ClickID string
}

// Group is a group chat.
type Group struct {
	ID string
}
