package prompt

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// modes gives the modes of what lies in a folder, and of itself as ".".
func modes(t *testing.T, folder string) map[string]fs.FileMode {
	t.Helper()
	found, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]fs.FileMode{}
	for _, name := range append(names(found), ".") {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = info.Mode().Perm()
	}
	return all
}

func names(found []fs.DirEntry) (all []string) {
	for _, f := range found {
		all = append(all, f.Name())
	}
	return all
}

// What is installed is all there, to be read by all, whatever the umask, and
// nothing else.
func TestInstall(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077))
	s := Settings{Folder: t.TempDir(), Voices: voices}
	l, files := stocked(t, s)
	m := manifest(t, s, files)
	to := filepath.Join(t.TempDir(), "asterisk")
	copied, mended, err := l.Install(m, to)
	if err != nil || copied != len(files) || mended != 0 || !m.In(to) {
		t.Errorf("Install = %d, %d, %v, want %d copied and the manifest", copied, mended, err, len(files))
	}
	got := modes(t, to)
	for name, mode := range got {
		if want := map[bool]fs.FileMode{true: 0o755, false: 0o644}[name == "."]; mode != want {
			t.Errorf("%s: mode %o, want %o", name, mode, want)
		}
	}
	if len(got) != len(files)+3 {
		t.Errorf("the folder holds %v, want %d sounds and a manifest", got, len(files))
	}
	if copied, mended, err = l.Install(m, to); err != nil || copied != 0 || mended != 0 {
		t.Errorf("again: %d, %d, %v, want nothing to do", copied, mended, err)
	}
}

// What is there already: another build's sounds, a mode of somebody's own, a
// file that is none of ours.
func TestInstallOverAnotherBuild(t *testing.T) {
	s := Settings{Folder: t.TempDir(), Voices: voices}
	l, files := stocked(t, s)
	old := manifest(t, s, files)
	to := t.TempDir()
	if _, _, err := l.Install(old, to); err != nil {
		t.Fatal(err)
	}
	name := files[3].Name + ".wav"
	put(t, s, name, wavFile(tone(1900*time.Millisecond, 0.2)))
	put(t, Settings{Folder: to}, "operator.wav", nil)
	if err := errors.Join(os.Chmod(to, 0o770), os.Chmod(filepath.Join(to, files[2].Name+".wav"), 0o600)); err != nil {
		t.Fatal(err)
	}
	l, m := open(t, s.Folder, ""), manifest(t, s, files)
	copied, mended, err := l.Install(m, to)
	if err != nil || copied != 1 || mended != 2 {
		t.Errorf("Install = %d, %d, %v, want 1 copied, 2 mended", copied, mended, err)
	}
	if !m.In(to) || old.In(to) {
		t.Errorf("%q are there, want the new one", manifestsIn(t, to))
	}
	got := modes(t, to)
	if got["."] != 0o775 || got[files[2].Name+".wav"] != 0o644 || got["operator.wav"] != 0o644 {
		t.Errorf("modes %v, want 775 of the folder, 644 of the files", got)
	}
}

// The library's own folder has nothing to copy.
func TestInstallWhereTheSoundsAre(t *testing.T) {
	s := Settings{Folder: t.TempDir(), Voices: voices}
	l, files := stocked(t, s)
	m := manifest(t, s, files)
	if err := errors.Join(os.Chmod(s.Folder, 0o700), os.Chmod(filepath.Join(s.Folder, "silence-300.wav"), 0o600)); err != nil {
		t.Fatal(err)
	}
	copied, mended, err := l.Install(m, s.Folder)
	if got := modes(t, s.Folder); err != nil || copied != 0 || mended != 2 || got["."] != 0o755 || got["silence-300.wav"] != 0o644 {
		t.Errorf("Install = %d, %d, %v with modes %v, want 2 mended", copied, mended, err, got)
	}
}

// A disk that is full in the middle: what was copied is whole, what was there
// stays, and no marker says that all is there.
func TestInstallOnAFullDisk(t *testing.T) {
	s := Settings{Folder: t.TempDir(), Voices: voices}
	l, files := stocked(t, s)
	m := manifest(t, s, files)
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=80k"); err != nil {
		t.Fatalf("a small disk: %v, want the right to mount (root)", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	put(t, Settings{Folder: disk}, "silence-300.wav", []byte("of last year"))
	copied, _, err := l.Install(m, disk)
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), disk) || copied == 0 || copied >= len(files) {
		t.Fatalf("Install = %d, %v, want some copied and no space left in %s", copied, err, disk)
	}
	for name := range modes(t, disk) {
		sum, _ := sumFile(filepath.Join(disk, name))
		if name != "." && sum != m.sums[name] {
			t.Errorf("%s is there, and not as it should be", name)
		}
	}
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT, "size=1m"); err != nil {
		t.Fatal(err)
	}
	rest, _, err := l.Install(m, disk)
	if err != nil || rest != len(files)-copied || !m.In(disk) {
		t.Errorf("with more space: %d, %v, want the other %d", rest, err, len(files)-copied)
	}
}

func TestInstallFaults(t *testing.T) {
	s := Settings{Folder: t.TempDir(), Voices: voices}
	l, files := stocked(t, s)
	m := manifest(t, s, files)
	put(t, s, files[3].Name+".wav", nil)
	file := filepath.Join(t.TempDir(), "file")
	put(t, Settings{Folder: filepath.Dir(file)}, "file", nil)
	target := t.TempDir()
	for folder, want := range map[string]string{
		"/none/sounds": `"/none" is not there: is Asterisk on this machine?`,
		file:           "is no folder",
		target:         "was changed meanwhile",
	} {
		if _, _, err := l.Install(m, folder); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", folder, err, want)
		}
	}
	if got := manifestsIn(t, target); len(got) > 0 {
		t.Errorf("%q beside half of the sounds", got)
	}
}

// A user who is not root is kept out by folders on the way, by a link's end,
// and by files; each is named with what to do.
func TestListenerReads(t *testing.T) {
	p, err := FindListener("nobody")
	if err != nil {
		t.Fatal(err)
	}
	top, err := os.MkdirTemp("/tmp", "aftercall-listener-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(top); err != nil {
			t.Error(err)
		}
	})
	folder, link := filepath.Join(top, "a", "b"), filepath.Join(top, "link")
	err = errors.Join(os.Chmod(top, 0o755), os.MkdirAll(folder, 0o755), os.Symlink(folder, link))
	if err != nil {
		t.Fatal(err)
	}
	put(t, Settings{Folder: folder}, "x.wav", nil)
	put(t, Settings{Folder: folder}, "y.wav", nil)
	for _, tt := range []struct {
		path string // whose mode is changed; "" = nothing
		mode os.FileMode
		want string // "" = can read
	}{
		{"", 0, ""},
		{"a", 0o700, `user "nobody" may not enter folder "TOP/a": chmod o+x TOP/a`},
		{"a", 0o711, ""},
		{"a/b", 0o750, `user "nobody" may not enter folder "TOP/a/b": chmod o+x TOP/a/b`},
		{"a/b/y.wav", 0o640, `user "nobody" may not read file "TOP/a/b/y.wav": chmod o+r TOP/a/b/y.wav`},
	} {
		if tt.path != "" {
			if err := os.Chmod(filepath.Join(top, tt.path), tt.mode); err != nil {
				t.Fatal(err)
			}
		}
		for _, way := range []string{folder, link} {
			err := p.Reads(t.Context(), way, []string{"x.wav", "y.wav"})
			want := strings.ReplaceAll(tt.want, "TOP", top)
			switch {
			case want == "" && err != nil, want != "" && (err == nil || err.Error() != want):
				t.Errorf("%s %o by %s: %v, want %q", tt.path, tt.mode, way, err, want)
			}
		}
		if tt.path != "" {
			if err := os.Chmod(filepath.Join(top, tt.path), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := p.Reads(t.Context(), filepath.Join(top, "none"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

// A listener's groups count, also those beside the first.
func TestListenerHasGroups(t *testing.T) {
	p, err := FindListener("nobody")
	if err != nil {
		t.Fatal(err)
	}
	const group = 4242
	p.who.Groups = append(slices.Clone(p.who.Groups), group)
	top, err := os.MkdirTemp("/tmp", "aftercall-listener-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(top); err != nil {
			t.Error(err)
		}
	})
	put(t, Settings{Folder: top}, "x.wav", nil)
	if err := errors.Join(os.Chown(top, 0, group), os.Chmod(top, 0o750)); err != nil {
		t.Fatal(err)
	}
	if err := p.Reads(t.Context(), top, []string{"x.wav"}); err != nil {
		t.Error(err)
	}
}

func TestFindListener(t *testing.T) {
	root, err := FindListener("root")
	if err != nil || root.who.Uid != 0 || root.who.Gid != 0 {
		t.Errorf("root is %+v, %v", root, err)
	}
	if _, err := FindListener("no-such-user"); err == nil || !strings.Contains(err.Error(), "no-such-user") {
		t.Errorf("no such user: error %v", err)
	}
}
