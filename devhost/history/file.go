package history

import "slices"

// File is the file of a message on its way to storage.
type File struct {
	State FileState `json:"state"`
	// Container and Blob name the blob. Container is empty until the file is stored.
	Container string `json:"container,omitzero"`
	Blob      string `json:"blob,omitzero"`
	// Size and MimeType are those of the stored file.
	Size     int64  `json:"size,omitzero"`
	MimeType string `json:"mimeType,omitzero"`
	FileName string `json:"fileName,omitzero"`
	// Reason is why it failed: gone, too-large, forbidden or mismatch. Detail is the
	// same in a sentence.
	Reason string `json:"reason,omitzero"`
	Detail string `json:"detail,omitzero"`
	// Attempts counts the calls with the request. Error is why the last one failed;
	// the host calls again.
	Attempts int    `json:"attempts,omitzero"`
	Error    string `json:"error,omitzero"`
}

// FileState is a step on the way of a file.
type FileState string

// The states.
const (
	FileRequested FileState = "requested"
	FileStored    FileState = "stored"
	FileFailed    FileState = "failed"
)

// fileStates are the states that queue messages report, by their type.
var fileStates = map[string]FileState{
	"conversation.media.requested.v1": FileRequested,
	"conversation.media.stored.v1":    FileStored,
	"conversation.media.failed.v1":    FileFailed,
}

// fileReport is what these messages have in their data, besides the event's id.
type fileReport struct {
	MessageID string `json:"messageId"`
	Media     struct {
		FileName string `json:"fileName"`
	} `json:"media"`
	Container string `json:"container"`
	Blob      string `json:"blob"`
	Size      int64  `json:"size"`
	MimeType  string `json:"mimeType"`
	Reason    string `json:"reason"`
	Detail    string `json:"detail"`
}

// applyFile changes the file of a message. A repeated request does not change a
// result.
func (l *Log) applyFile(state FileState, event string, r fileReport) {
	m := l.messageOf(event, r.MessageID)
	if m == nil || state == FileRequested && m.File != nil {
		return
	}
	attempts := 0
	if m.File != nil {
		attempts = m.File.Attempts
	}
	m.File = &File{
		State: state, Container: r.Container, Blob: r.Blob, Size: r.Size, MimeType: r.MimeType,
		FileName: r.Media.FileName, Reason: r.Reason, Detail: r.Detail, Attempts: attempts,
	}
	l.messages.put(m, l.revision)
}

// applyQueueCall counts a call with the request for the file of a message.
func (l *Log) applyQueueCall(d *Delivery) {
	if d.Queue == "" || len(d.Events) == 0 || fileStates[d.Events[0].Type] != FileRequested {
		return
	}
	m := l.messageOf("", d.Events[0].Message)
	if m == nil || m.File == nil {
		return
	}
	m.File.Attempts, m.File.Error = d.Attempt, ""
	if d.Outcome == Failed && m.File.State == FileRequested && len(d.Invocations) > 0 {
		m.File.Error = d.Invocations[0].Error
	}
	l.messages.put(m, l.revision)
}

// messageOf returns the message of a WhatsApp user by the id of its event, or else
// by its own; nil if the log does not have it.
func (l *Log) messageOf(event, id string) *Message {
	if tracked, ok := l.events[event]; ok {
		return tracked.message
	}
	for _, i := range slices.Backward(l.messages.items) {
		if m := i.value; id != "" && m.MessageID == id && !m.Outgoing {
			return m
		}
	}
	return nil
}
