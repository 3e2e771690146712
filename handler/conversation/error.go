package conversation

// Error is an error that the channel reported.
type Error struct {
	Code    string
	Message string
}
