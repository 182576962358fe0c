package prompt

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// Install copies the files of a manifest into a folder, each whole or not at
// all, and writes the manifest when all are there. Files that are there with
// the same content stay. It returns how many it copied and how many files and
// folders it had to make readable. The folder may be the library's own, which
// has nothing to copy.
func (l *Library) Install(m Manifest, folder string) (copied, mended int, err error) {
	if err := openTarget(folder); err != nil {
		return 0, 0, err
	}
	if err := m.sweep(folder); err != nil {
		return 0, 0, err
	}
	for _, name := range m.Files() {
		if sum, err := sumFile(filepath.Join(folder, name)); err == nil && sum == m.sums[name] {
			continue
		}
		b, err := l.body(m, name)
		if err != nil {
			return copied, 0, err
		}
		if err := placeFile(folder, name, bytes.NewReader(b)); err != nil {
			return copied, 0, err
		}
		copied++
	}
	if err := m.Write(folder); err != nil {
		return copied, 0, err
	}
	mended, err = m.mend(folder)
	return copied, mended, err
}

// openTarget makes the folder of an installation if it is not there. What is
// above it belongs to Asterisk and must be there.
func openTarget(folder string) error {
	info, err := os.Stat(folder)
	switch {
	case err == nil && !info.IsDir():
		return fmt.Errorf("folder %q: is no folder", folder)
	case err == nil:
		return nil
	case !os.IsNotExist(err):
		return err
	}
	if _, err := os.Stat(filepath.Dir(folder)); os.IsNotExist(err) {
		return fmt.Errorf("folder %q: %q is not there: is Asterisk on this machine? For another one: aftercall prompts pack", folder, filepath.Dir(folder))
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	return os.Chmod(folder, 0o755) // whatever the umask
}

// mend makes folder and files readable by all where they are not, and takes
// nothing away.
func (m Manifest) mend(folder string) (mended int, err error) {
	want := map[string]os.FileMode{folder: 0o555}
	for _, name := range append(m.Files(), m.List(), m.Name()+markerExt) {
		want[filepath.Join(folder, name)] = 0o444
	}
	for path, bits := range want {
		info, err := os.Stat(path)
		if err != nil {
			return mended, err
		}
		if info.Mode()&bits == bits {
			continue
		}
		if err := os.Chmod(path, info.Mode().Perm()|bits); err != nil {
			return mended, err
		}
		mended++
	}
	return mended, nil
}
