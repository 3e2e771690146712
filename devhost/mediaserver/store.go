// Package mediaserver plays the services from which an app downloads the files of
// messages: the Graph API of Meta, and Azure Communication Services. The files are
// those that a developer uploads: see [Server.Upload].
package mediaserver

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"regexp"

	"whatsapp-functions/devhost/durable"
)

// MaxSize is the size of the largest file, that of Meta.
const MaxSize = 100 << 20

var (
	// ErrTooLarge reports a file over [MaxSize].
	ErrTooLarge = fmt.Errorf("the file is larger than %d MB", MaxSize>>20)
	// ErrNotFound reports an id without a file.
	ErrNotFound = errors.New("no file has this id")
)

// File describes an uploaded file.
type File struct {
	// ID is the media id, for both providers.
	ID       string `json:"id"`
	MimeType string `json:"mimeType"`
	// SHA256 is in base64, as in webhooks of Meta; SHA256Hex is the same in
	// hexadecimal digits, as in answers of the Graph API.
	SHA256    string `json:"sha256"`
	SHA256Hex string `json:"sha256Hex"`
	// Size is in bytes.
	Size     int64  `json:"size"`
	FileName string `json:"fileName,omitzero"`
}

// Store keeps uploaded files in a folder: for each a file with its content, and one
// with its description. The media ids end when the files are removed.
type Store struct {
	folder durable.Folder
}

// OpenStore uses a folder, and creates it if it does not exist.
func OpenStore(folder string) (*Store, error) {
	opened, err := durable.Open(folder)
	if err != nil {
		return nil, fmt.Errorf("uploaded files: %w", err)
	}
	return &Store{opened}, nil
}

// Add stores a file. Its name may be empty. The declared MIME type counts only if the
// name has no well-known extension.
func (s *Store) Add(content io.Reader, fileName, declaredType string) (File, error) {
	written, err := s.folder.New()
	if err != nil {
		return File{}, err
	}
	defer written.Discard()
	start := bufio.NewReaderSize(io.LimitReader(content, MaxSize+1), sniffed)
	first, err := start.Peek(sniffed)
	if err != nil && err != io.EOF {
		return File{}, err
	}
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(written, sum), start)
	if err != nil {
		return File{}, err
	}
	if size > MaxSize {
		return File{}, ErrTooLarge
	}
	file := File{
		ID: newID(), MimeType: detectType(fileName, declaredType, first), Size: size, FileName: fileName,
		SHA256: base64.StdEncoding.EncodeToString(sum.Sum(nil)), SHA256Hex: hex.EncodeToString(sum.Sum(nil)),
	}
	text, err := json.Marshal(file)
	if err != nil {
		return File{}, err
	}
	if err := written.Commit(s.contentPath(file.ID)); err != nil {
		return File{}, err
	}
	return file, s.folder.Write(s.descriptionPath(file.ID), append(text, '\n'))
}

// newID returns a media id in the form of Meta, which ACS could use, too.
func newID() string {
	const digits = 15
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(digits), nil)
	n, _ := rand.Int(rand.Reader, limit) // it never fails
	return fmt.Sprintf("1%0*d", digits, n)
}

var idForm = regexp.MustCompile(`^[0-9]{1,20}$`)

func (s *Store) contentPath(id string) string     { return s.folder.Path(id + ".content") }
func (s *Store) descriptionPath(id string) string { return s.folder.Path(id + ".json") }

// Find returns the description of a file, or [ErrNotFound].
func (s *Store) Find(id string) (file File, err error) {
	if !idForm.MatchString(id) {
		return file, ErrNotFound
	}
	text, err := os.ReadFile(s.descriptionPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return file, ErrNotFound
	}
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	return file, err
}

// Open opens a file, or returns [ErrNotFound].
func (s *Store) Open(id string) (*os.File, File, error) {
	file, err := s.Find(id)
	if err != nil {
		return nil, file, err
	}
	content, err := os.Open(s.contentPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrNotFound
	}
	return content, file, err
}

// Remove removes a file: its id is expired. The error is [ErrNotFound] if there is
// none.
func (s *Store) Remove(id string) error {
	if _, err := s.Find(id); err != nil {
		return err
	}
	return errors.Join(os.Remove(s.descriptionPath(id)), os.Remove(s.contentPath(id)))
}

// Clear removes all files.
func (s *Store) Clear() error {
	files, err := filepath.Glob(s.folder.Path("*"))
	for _, file := range files {
		err = errors.Join(err, os.Remove(file))
	}
	return err
}
