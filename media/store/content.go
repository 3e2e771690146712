package store

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"strconv"
)

// Content is a file on its way to a blob. It counts and hashes what passes.
type Content struct {
	from io.Reader
	// check is called at the end, before the blob becomes visible.
	check func(size int64, sha256 string) error
	// limit is called with the size so far.
	limit func(size int64) error

	hash     hash.Hash
	size     int64
	metadata map[string]*string
	err      error
}

// NewContent returns the content of a reader. Limit is called while the file is read
// and check at its end; an error of either is returned by [Store.Put], and nothing is
// stored.
func NewContent(from io.Reader, limit func(size int64) error, check func(size int64, sha256 string) error) *Content {
	return &Content{from: from, limit: limit, check: check, hash: sha256.New(), metadata: map[string]*string{}}
}

// Read implements [io.Reader]. It returns io.EOF only at the end of a whole file.
func (c *Content) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.from.Read(p)
	c.size += int64(n)
	c.hash.Write(p[:n])
	if over := c.limit(c.size); over != nil {
		err = over
	}
	if err == io.EOF {
		sum := hex.EncodeToString(c.hash.Sum(nil))
		if err := c.check(c.size, sum); err != nil {
			c.err = err
			return n, err
		}
		size := strconv.FormatInt(c.size, 10)
		c.metadata[metadataSHA256], c.metadata[metadataSize] = &sum, &size
		return n, io.EOF
	}
	c.err = err
	return n, err
}
