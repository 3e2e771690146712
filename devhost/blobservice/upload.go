package blobservice

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/xml"
	"hash"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"whatsapp-functions/devhost/storage/embedded"
)

const (
	// maxBody is the largest body that the service accepts: a blob of one request.
	maxBody = 5000 << 20
	// maxList is more than a list of 50,000 blocks with the longest ids.
	maxList = 10 << 20
	// maxMetadata limits the size of names and values.
	maxMetadata = 8 << 10
	// maxBlockID is in bytes, before base64.
	maxBlockID = 64
)

// contentHeaders are the request headers for the headers of a blob's content.
var contentHeaders = map[string]string{
	"x-ms-blob-cache-control":       "Cache-Control",
	"x-ms-blob-content-disposition": "Content-Disposition",
	"x-ms-blob-content-encoding":    "Content-Encoding",
	"x-ms-blob-content-language":    "Content-Language",
	"x-ms-blob-content-md5":         "Content-MD5",
	"x-ms-blob-content-type":        "Content-Type",
}

// metadataName is the form of names, that of C# identifiers.
var metadataName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// properties returns the properties that a request gives a blob.
func (r request) properties() (p embedded.Properties, err error) {
	p.Headers, p.Metadata = map[string]string{}, map[string]string{}
	for from, to := range contentHeaders {
		if value := r.Header.Get(from); value != "" {
			p.Headers[to] = value
		}
	}
	size := 0
	for header, values := range r.Header {
		name, ok := strings.CutPrefix(header, metadataPrefix)
		if !ok {
			continue
		}
		name = strings.ToLower(name)
		if !metadataName.MatchString(name) {
			return p, errMetadata
		}
		p.Metadata[name] = strings.Join(values, ",")
		size += len(name) + len(p.Metadata[name])
	}
	if size > maxMetadata {
		return p, errMetadataSize
	}
	return p, nil
}

// content is the body of a request. It returns an error at the end if the body
// does not have its Content-MD5.
type content struct {
	io.Reader
	sum  hash.Hash
	want string
}

// newContent checks the length of a body.
func newContent(r request, limit int64) (*content, error) {
	switch {
	case r.ContentLength < 0:
		return nil, errLength
	case r.ContentLength > limit:
		return nil, errTooLarge
	}
	sum := md5.New()
	return &content{io.TeeReader(r.Body, sum), sum, r.Header.Get("Content-MD5")}, nil
}

// Read implements [io.Reader].
func (c *content) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if err == io.EOF && c.want != "" && c.want != c.md5() {
		err = errMD5
	}
	return n, err
}

func (c *content) md5() string { return base64.StdEncoding.EncodeToString(c.sum.Sum(nil)) }

// putBlob creates or replaces a blob with the body.
func (s *Service) putBlob(w http.ResponseWriter, r request) error {
	if r.Header.Get("x-ms-blob-type") != blobType {
		return errBlobType
	}
	if r.Header.Get("x-ms-copy-source") != "" {
		return errNotImplemented
	}
	properties, err := r.properties()
	if err != nil {
		return err
	}
	if properties.Headers["Content-Type"] == "" && r.Header.Get("Content-Type") != "" {
		properties.Headers["Content-Type"] = r.Header.Get("Content-Type")
	}
	body, err := newContent(r, maxBody)
	if err != nil {
		return err
	}
	allowed := r.forChange()
	modified, err := s.Storage.Upload(r.container, r.blob, body, properties, func(present *embedded.Blob) error {
		properties.Headers["Content-MD5"] = body.md5() // the content is written now
		return allowed(present)
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-MD5", body.md5())
	created(w, modified)
	return nil
}

func created(w http.ResponseWriter, modified time.Time) {
	setVersion(w.Header(), modified)
	w.Header().Set("x-ms-request-server-encrypted", "true")
	w.WriteHeader(http.StatusCreated)
}

// putBlock stores a block until it is committed.
func (s *Service) putBlock(w http.ResponseWriter, r request) error {
	id := r.URL.Query().Get("blockid")
	if !isBlockID(id) {
		return errBlockID
	}
	body, err := newContent(r, maxBody)
	if err != nil {
		return err
	}
	if err := s.Storage.PutBlock(r.container, r.blob, id, body); err != nil {
		return err
	}
	w.Header().Set("Content-MD5", body.md5())
	w.Header().Set("x-ms-request-server-encrypted", "true")
	w.WriteHeader(http.StatusCreated)
	return nil
}

func isBlockID(id string) bool {
	decoded, err := base64.StdEncoding.DecodeString(id)
	return err == nil && len(decoded) > 0 && len(decoded) <= maxBlockID
}

// putBlockList makes a blob of the blocks that the body lists.
func (s *Service) putBlockList(w http.ResponseWriter, r request) error {
	properties, err := r.properties()
	if err != nil {
		return err
	}
	body, err := newContent(r, maxList)
	if err != nil {
		return err
	}
	list, err := readBlockList(body)
	if err != nil {
		return err
	}
	modified, err := s.Storage.CommitBlocks(r.container, r.blob, list, properties, r.forChange())
	if err == nil {
		created(w, modified)
	}
	return err
}

// readBlockList reads the list, which has an element for each block. The name of
// the element says where to look for the block.
func readBlockList(body io.Reader) ([]embedded.BlockRef, error) {
	var list struct {
		XMLName xml.Name `xml:"BlockList"`
		Blocks  []struct {
			XMLName xml.Name
			ID      string `xml:",chardata"`
		} `xml:",any"`
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	if err := xml.Unmarshal(text, &list); err != nil {
		return nil, serviceError{http.StatusBadRequest, "InvalidXmlDocument", "XML specified is not syntactically valid."}
	}
	var refs []embedded.BlockRef
	for _, block := range list.Blocks {
		ref := embedded.BlockRef{ID: strings.TrimSpace(block.ID)}
		switch block.XMLName.Local {
		case "Latest":
			ref.Uncommitted, ref.Committed = true, true
		case "Uncommitted":
			ref.Uncommitted = true
		case "Committed":
			ref.Committed = true
		default:
			return nil, errBadRequest
		}
		if !isBlockID(ref.ID) {
			return nil, errBlockList
		}
		refs = append(refs, ref)
	}
	return refs, nil
}
