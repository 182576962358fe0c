package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFile is the most bytes of one configuration file: a roster of 10,000
// agents with a history has 2 MB.
const maxFile = 8 << 20

// readFile reads a regular file of at most limit bytes. Its error says what
// is wrong, without the file's name.
func readFile(path string, limit int64) ([]byte, error) {
	b, err := readRegular(path, limit)
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	return b, nil
}

func readRegular(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is no regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("has more than %d bytes", limit)
	}
	return b, err
}

// parse turns the text of a file into the map that viper takes. Faults go to
// the ledger; what is sound is returned all the same. It is not ok if nothing
// can be said of what the file holds.
func (t *tree) parse(b []byte) (m map[string]any, ok bool) {
	whole := mark{file: t.file}
	var doc, more yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(b))
	err := d.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return nil, true // empty: whatever is wanted will be missed
	}
	if err != nil {
		t.g.at(whole, "", "is not YAML: %s", reason(err))
		return nil, false
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		t.g.at(whole, "", "has a second document, want one")
	}
	if len(doc.Content) == 0 || empty(doc.Content[0]) {
		return nil, true
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		t.g.at(mark{t.file, root.Line}, "", "does not begin with a key, want keys with values")
		return nil, false
	}
	t.mapping(root, "", "")
	switch {
	case t.tooDeep:
		t.g.at(whole, "", "is nested more than %d deep, want less", maxDepth)
		return nil, false
	case t.nodes > maxNodes:
		t.g.at(whole, "", "has more than %d values, want less", maxNodes)
		return nil, false
	}
	if err := doc.Decode(&m); err != nil {
		t.g.at(whole, "", "is not YAML: %s", reason(err))
		return nil, false
	}
	return m, true
}

// reason gives an error of the YAML package in one line.
func reason(err error) string {
	return strings.ReplaceAll(strings.TrimPrefix(err.Error(), "yaml: "), "\n ", "")
}
