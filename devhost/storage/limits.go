package storage

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf16"
)

// The limits of the service,
// https://learn.microsoft.com/rest/api/storageservices. Emulators do not
// enforce all of them, so they are checked here. Lengths are in UTF-16 units.
const (
	messageLimit     = 64 << 10
	rowLimit         = 1 << 20
	columnLimit      = 32 << 10
	keyLimit         = 512
	columnsLimit     = 252
	transactionLimit = 100
	transactionBytes = 4 << 20
	blobNameLimit    = 1024
)

var (
	tableName     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{2,62}$`)
	queueName     = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9])+$`)
	containerName = regexp.MustCompile(`^(\$root|\$logs|\$web|[a-z0-9](-?[a-z0-9])+)$`)
)

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

func checkName(what, name string, form *regexp.Regexp) error {
	if !form.MatchString(name) || len(name) < 3 || len(name) > 63 {
		return invalid("%s name %q: 3 to 63 of a-z, 0-9 and single hyphens", what, name)
	}
	return nil
}

// CheckMessage checks a queue's name and the stored size of a message. A
// message is stored in base64 unless asText is set.
func CheckMessage(queue string, message []byte, asText bool) error {
	size := len(message)
	if !asText {
		size = base64.StdEncoding.EncodedLen(size)
	}
	if size > messageLimit {
		return invalid("a message for queue %s of %d bytes as it is stored: at most %d", queue, size, messageLimit)
	}
	return checkName("queue", queue, queueName)
}

// CheckBlob checks a container's and a blob's name.
func CheckBlob(container, name string) error {
	if n := units(name); n < 1 || n > blobNameLimit {
		return invalid("blob name of %d characters: 1 to %d", n, blobNameLimit)
	}
	return checkName("container", container, containerName)
}

// CheckChanges checks a table's name and the rows of one transaction.
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

// check computes the size as the service does
// (https://learn.microsoft.com/archive/blogs/avkashchauhan/how-the-size-of-an-entity-is-caclulated-in-windows-azure-table-storage).
func (r Row) check() error {
	for _, key := range [][2]string{{"PartitionKey", r.PartitionKey}, {"RowKey", r.RowKey}} {
		if n := units(key[1]); n > keyLimit {
			return invalid("%s of %d characters: at most %d", key[0], n, keyLimit)
		}
		if err := CheckKeyCharacters(key[0], key[1]); err != nil {
			return err
		}
	}
	if len(r.Columns) > columnsLimit {
		return invalid("a row of %d columns: at most %d", len(r.Columns), columnsLimit)
	}
	size := 4 + 2*(units(r.PartitionKey)+units(r.RowKey))
	for _, c := range r.Columns {
		size += 8 + 2*units(c.Name)
		switch value := c.Value.(type) {
		case string:
			n := units(value)
			if n > columnLimit {
				return invalid("column %s of %d characters: at most %d", c.Name, n, columnLimit)
			}
			size += 4 + 2*n
		case bool:
			size++
		default:
			size += 8
		}
	}
	if size > rowLimit {
		return invalid("a row of %d bytes: at most %d", size, rowLimit)
	}
	return nil
}

// CheckKeyCharacters checks a key as the host does before it sends anything; the
// service checks the length too.
func CheckKeyCharacters(name, key string) error {
	if i := strings.IndexFunc(key, forbiddenInKey); i >= 0 {
		return invalid(`%s with the character %q: none of / \ # ? and no control characters`, name, []rune(key[i:])[0])
	}
	return nil
}

func forbiddenInKey(r rune) bool {
	return r < 0x20 || 0x7f <= r && r <= 0x9f || strings.ContainsRune(`/\#?`, r)
}

// units returns the length of a string in UTF-16 units.
func units(text string) (n int) {
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}
