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

// Reference is what a message refers to: an earlier message or a product.
type Reference struct {
	MessageID string
	From      string
	// Forwarded means that the message was forwarded, ForwardedManyTimes that it
	// was more than five times.
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

// Choice is what was chosen or filled in in an interactive message.
type Choice struct {
	Kind        ChoiceKind
	ID          string
	Title       string
	Description string
	// Response is what the person filled in, a JSON object, or "".
	Response string
}

// ChoiceKind is the kind of control that a choice was made with.
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

// Location is a place: the person's own, or one that was chosen.
type Location struct {
	Latitude, Longitude float64
	Name, Address, URL  string
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

// Target identifies the message that another one changes.
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
