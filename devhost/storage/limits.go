package storage

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf16"
)

// The limits of the service,
// https://learn.microsoft.com/rest/api/storageservices. What the emulators
// let pass is checked here for all of them.
const (
	messageLimit     = 64 << 10
	rowLimit         = 1 << 20
	propertyLimit    = 32 << 10 // UTF-16 units
	keyLimit         = 512      // UTF-16 units
	propertiesLimit  = 252
	transactionLimit = 100
	transactionBytes = 4 << 20
	blobNameLimit    = 1024
)

var (
	queueName     = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9])+$`)
	tableName     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{2,62}$`)
	containerName = regexp.MustCompile(`^(\$root|\$logs|\$web|[a-z0-9](-?[a-z0-9])+)$`)
)

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// CheckMessage checks a queue's name and the size of a message, which is
// stored in base64 unless it is sent as text.
func CheckMessage(queue string, message []byte, asText bool) error {
	if !queueName.MatchString(queue) || len(queue) < 3 || len(queue) > 63 {
		return invalid("queue name %q: 3 to 63 of a-z, 0-9 and single hyphens", queue)
	}
	size := len(message)
	if !asText {
		size = base64.StdEncoding.EncodedLen(size)
	}
	if size > messageLimit {
		return invalid("a message for queue %s of %d bytes as it is stored: at most %d", queue, size, messageLimit)
	}
	return nil
}

// CheckBlob checks a container's and a blob's name.
func CheckBlob(container, name string) error {
	if !containerName.MatchString(container) || len(container) < 3 || len(container) > 63 {
		return invalid("container name %q: 3 to 63 of a-z, 0-9 and single hyphens", container)
	}
	if name == "" || units(name) > blobNameLimit {
		return invalid("blob name of %d characters: 1 to %d", units(name), blobNameLimit)
	}
	return nil
}

// CheckChanges checks what a table would refuse, real or emulated.
func CheckChanges(table string, changes []Change) error {
	if !tableName.MatchString(table) {
		return invalid("table name %q: 3 to 63 letters and digits, a letter first", table)
	}
	if len(changes) > transactionLimit {
		return invalid("%d rows in one transaction: at most %d", len(changes), transactionLimit)
	}
	total := 0
	for _, change := range changes {
		if err := change.Row.check(); err != nil {
			return err
		}
		total += len(EncodeRow(change.Row))
	}
	if total > transactionBytes {
		return invalid("a transaction of %d bytes: at most %d", total, transactionBytes)
	}
	return nil
}

func (r Row) check() error {
	if err := checkKey("PartitionKey", r.PartitionKey); err != nil {
		return err
	}
	if err := checkKey("RowKey", r.RowKey); err != nil {
		return err
	}
	if len(r.Columns) > propertiesLimit {
		return invalid("a row of %d columns: at most %d", len(r.Columns), propertiesLimit)
	}
	for _, c := range r.Columns {
		if text, ok := c.Value.(string); ok && units(text) > propertyLimit {
			return invalid("column %s of %d characters: at most %d", c.Name, units(text), propertyLimit)
		}
	}
	if size := r.size(); size > rowLimit {
		return invalid("a row of %d bytes: at most %d", size, rowLimit)
	}
	return nil
}

func checkKey(name, key string) error {
	if units(key) > keyLimit {
		return invalid("%s of %d characters: at most %d", name, units(key), keyLimit)
	}
	if i := strings.IndexFunc(key, forbiddenInKey); i >= 0 {
		return invalid(`%s with the character %q: none of / \ # ? and no control characters`, name, []rune(key[i:])[0])
	}
	return nil
}

func forbiddenInKey(r rune) bool {
	return r < 0x20 || 0x7f <= r && r <= 0x9f || strings.ContainsRune(`/\#?`, r)
}

// size is what the service counts a row as
// (https://learn.microsoft.com/archive/blogs/avkashchauhan/how-the-size-of-an-entity-is-caclulated-in-windows-azure-table-storage).
func (r Row) size() int {
	size := 4 + 2*(units(r.PartitionKey)+units(r.RowKey))
	for _, c := range r.Columns {
		size += 8 + 2*units(c.Name)
		switch value := c.Value.(type) {
		case string:
			size += 4 + 2*units(value)
		case bool:
			size++
		default:
			size += 8
		}
	}
	return size
}

// units counts the UTF-16 units of a text, in which the service counts.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}
