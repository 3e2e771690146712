package embedded

import (
	"encoding/json/v2"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"whatsapp-functions/devhost/storage"
)

// Properties are what the service stores of a blob in addition to its content.
type Properties struct {
	// Headers are the headers of the content, such as Content-Type, by name.
	Headers map[string]string `json:"headers,omitzero"`
	// Metadata is what the writer added, by name in lower case.
	Metadata map[string]string `json:"metadata,omitzero"`
	// Blocks are the blocks of the content, in order.
	Blocks []Block `json:"blocks,omitzero"`
}

// Block is a part of a blob.
type Block struct {
	ID   string `json:"id"`
	Size int64  `json:"size"`
}

// Blob is an open blob.
type Blob struct {
	*os.File
	storage.BlobInfo
	Properties
}

// Name returns the name of the blob, not that of the file.
func (b *Blob) Name() string { return b.BlobInfo.Name }

// defaultType is the type of content for which no other one is stored.
const defaultType = "application/octet-stream"

// Open opens a blob, or returns [storage.ErrNotFound].
func (s *Storage) Open(container, name string) (*Blob, error) {
	if err := storage.CheckBlob(container, name); err != nil {
		return nil, err
	}
	for {
		file, err := os.Open(s.blobPath(container, name))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s/%s: %w", container, name, storage.ErrNotFound)
		}
		if err != nil {
			return nil, err
		}
		blob, err := s.described(file, container, name)
		if err == nil {
			return blob, nil
		}
		_ = file.Close()
		if !errors.Is(err, errReplaced) {
			return nil, err
		}
	}
}

// errReplaced reports that a blob was replaced while it was opened.
var errReplaced = errors.New("the blob was replaced")

// described returns a blob with its properties. The file of the properties is
// written before the blob and removed after it, so the blob at the path has one,
// unless it was written without properties.
func (s *Storage) described(file *os.File, container, name string) (*Blob, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() { // a virtual folder
		return nil, fmt.Errorf("%s/%s: %w", container, name, storage.ErrNotFound)
	}
	blob := &Blob{File: file, BlobInfo: storage.BlobInfo{Name: name, Modified: info.ModTime().UTC(), Size: info.Size(), ContentType: defaultType}}
	text, err := os.ReadFile(s.propertiesPath(container, name, blob.Modified))
	if errors.Is(err, fs.ErrNotExist) {
		now, err := os.Stat(s.blobPath(container, name))
		if err != nil || !os.SameFile(info, now) {
			return nil, errReplaced
		}
		return blob, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &blob.Properties)
	}
	if contentType := blob.Headers["Content-Type"]; contentType != "" {
		blob.ContentType = contentType
	}
	return blob, err
}

// propertiesFolder has a folder for each blob that has properties.
const propertiesFolder = "properties"

// propertiesPath returns the file of the properties that a blob got at a time.
func (s *Storage) propertiesPath(container, name string, modified time.Time) string {
	return filepath.Join(s.propertiesOf(container, name), fmt.Sprintf("%x.json", modified.UnixNano()))
}

func (s *Storage) propertiesOf(container, name string) string {
	return s.Folder.Path(propertiesFolder, container, fileName(name))
}

func (s *Storage) writeProperties(container, name string, modified time.Time, p Properties) error {
	text, err := json.Marshal(p, json.Deterministic(true))
	if err != nil {
		return err
	}
	return s.Folder.Write(s.propertiesPath(container, name, modified), append(text, '\n'))
}

// removeProperties removes the properties of earlier blobs of the name.
func (s *Storage) removeProperties(container, name string, except time.Time) error {
	kept := s.propertiesPath(container, name, except)
	files, err := filepath.Glob(filepath.Join(s.propertiesOf(container, name), "*.json"))
	for _, file := range files {
		if file != kept {
			err = errors.Join(err, os.Remove(file))
		}
	}
	return err
}
