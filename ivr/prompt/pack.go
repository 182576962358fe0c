package prompt

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// packedAt is the time of every file in a tar: the same sounds are the same tar.
var packedAt = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Pack writes the files of a manifest as a tar, in the order of the alphabet,
// and the manifest behind them. Files that are no longer as the manifest says
// are an error.
func (l *Library) Pack(w io.Writer, m Manifest) error {
	out := tar.NewWriter(w)
	for _, name := range m.Files() {
		b, err := l.body(m, name)
		if err != nil {
			return err
		}
		if err := packFile(out, name, b); err != nil {
			return err
		}
	}
	for _, f := range []struct {
		name string
		body []byte
	}{{m.List(), m.list()}, {m.Name() + markerExt, markerFile()}} {
		if err := packFile(out, f.name, f.body); err != nil {
			return err
		}
	}
	return out.Close()
}

// body reads a sound file that must be as the manifest says.
func (l *Library) body(m Manifest, name string) ([]byte, error) {
	path := filepath.Join(l.settings.Folder, name)
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != m.sums[name] {
		return nil, fmt.Errorf("file %q: was changed meanwhile", path)
	}
	return b, nil
}

func packFile(out *tar.Writer, name string, body []byte) error {
	err := out.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: name, Size: int64(len(body)), Mode: 0o644, ModTime: packedAt, Format: tar.FormatUSTAR,
	})
	if err != nil {
		return err
	}
	_, err = out.Write(body)
	return err
}

// PackFile writes a tar into a file, which is there whole or not at all.
func (l *Library) PackFile(path string, m Manifest) error {
	r, w := io.Pipe()
	go func() { w.CloseWithError(l.Pack(w, m)) }()
	defer r.Close()
	return WriteFile(path, r)
}
