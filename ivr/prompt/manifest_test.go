package prompt

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// manifestsIn lists the files of manifests.
func manifestsIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	found, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if strings.HasPrefix(f.Name(), manifestPrefix) {
			names = append(names, f.Name())
		}
	}
	return names
}

// manifest gives the manifest of what lies in a folder now.
func manifest(t *testing.T, s Settings, files []File) Manifest {
	t.Helper()
	l, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	m, err := l.Manifest(files)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func rewrite(t *testing.T, s Settings, files []File) Manifest {
	t.Helper()
	m := manifest(t, s, files)
	if err := m.Write(s.Folder); err != nil {
		t.Fatal(err)
	}
	if !m.In(s.Folder) {
		t.Errorf("%s is not in the folder that it was written to", m.Name())
	}
	return m
}

// A set that is part of another has the other's marker too, as long as the
// files are the same.
func TestMarkersOfLargerSets(t *testing.T) {
	s := Settings{Folder: t.TempDir(), Media: "/sounds", Voices: voices}
	l, files := stocked(t, s)
	all, part := manifest(t, s, files), manifest(t, s, files[:2])
	medias := func(m Manifest) (all []string) {
		for _, x := range l.Markers(m) {
			all = append(all, x.Media)
		}
		return all
	}
	ofAll, ofPart := "sound:/sounds/"+all.Name(), "sound:/sounds/"+part.Name()
	if got := medias(part); !slices.Equal(got, []string{ofAll}) {
		t.Errorf("part of a set: %q, want %q", got, ofAll)
	}
	rewrite(t, s, files[:2])
	if got := medias(part); !slices.Equal(got, []string{ofPart, ofAll}) {
		t.Errorf("part of a set with a manifest: %q, want %q and %q", got, ofPart, ofAll)
	}
	if got := medias(all); !slices.Equal(got, []string{ofAll}) {
		t.Errorf("the whole set: %q, want %q", got, ofAll)
	}
	put(t, s, files[1].Name+".wav", wavFile(tone(time.Second, 0.2)))
	if got := medias(manifest(t, s, files[:2])); got != nil {
		t.Errorf("another take: %q, want none", got)
	}
}

// What is called like a manifest and is none, a pipe too, holds nobody up and
// is removed.
func TestManifestsThatArePipes(t *testing.T) {
	s := Settings{Folder: t.TempDir(), Voices: voices}
	l, files := stocked(t, s)
	m := manifest(t, s, files)
	for _, name := range []string{"manifest-pipe.sha256", "manifest-pipe.wav"} {
		if err := syscall.Mkfifo(filepath.Join(s.Folder, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := inspected(t, s, files); got != "" {
		t.Errorf("found %s", got)
	}
	if _, _, err := l.Install(m, s.Folder); err != nil {
		t.Error(err)
	}
	if got := manifestsIn(t, s.Folder); len(got) != 2 || !m.In(s.Folder) {
		t.Errorf("%q are in the folder", got)
	}
	marker := filepath.Join(s.Folder, m.Name()+markerExt)
	if err := errors.Join(os.Remove(marker), syscall.Mkfifo(marker, 0o644)); err != nil {
		t.Fatal(err)
	}
	if m.In(s.Folder) {
		t.Error("a pipe is taken for the marker")
	}
}

// sha256sum finds what a manifest says true, and finds a change.
func TestManifestIsForSha256sum(t *testing.T) {
	s := Settings{Folder: t.TempDir(), Voices: voices}
	_, files := stocked(t, s)
	m := manifest(t, s, files)
	sum := func() (string, error) {
		cmd := exec.CommandContext(t.Context(), "sha256sum", "--strict", "--check", m.List())
		cmd.Dir = s.Folder
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := sum(); err != nil || strings.Count(out, ": OK\n") != len(files) {
		t.Errorf("sha256sum: %v\n%swant %d times OK", err, out, len(files))
	}
	put(t, s, "silence-300.wav", nil)
	if out, err := sum(); err == nil || !strings.Contains(out, "silence-300.wav: FAILED\n") {
		t.Errorf("sha256sum: %v\n%swant silence-300.wav to fail", err, out)
	}
}

// The same names with other sounds, as another release of the engine makes
// them, are another manifest; a marker never stands for what was replaced.
func TestManifestsTellSoundsApart(t *testing.T) {
	s := Settings{Folder: t.TempDir(), Voices: voices}
	_, files := stocked(t, s)
	first := manifest(t, s, files)
	// Two configurations share the folder: the second one's leaves the first.
	other := rewrite(t, s, files[:2])
	if !first.In(s.Folder) || !other.In(s.Folder) || first.Name() == other.Name() {
		t.Errorf("%q are in the folder, want those of both", manifestsIn(t, s.Folder))
	}
	put(t, s, files[3].Name+".wav", wavFile(tone(1900*time.Millisecond, 0.2)))
	second := rewrite(t, s, files)
	if first.In(s.Folder) || !other.In(s.Folder) || second.Name() == first.Name() {
		t.Errorf("%q are in the folder, want the other's and the second", manifestsIn(t, s.Folder))
	}
	// What is no manifest, or not as it was written, proves nothing.
	put(t, s, "manifest-alone.wav", markerFile())
	put(t, s, other.List(), append(other.list(), "\n"...))
	put(t, s, files[3].Name+".wav", wavFile(tone(1800*time.Millisecond, 0.2)))
	third := rewrite(t, s, files)
	if got, want := manifestsIn(t, s.Folder), []string{third.Name() + ".sha256", third.Name() + ".wav"}; !slices.Equal(got, want) {
		t.Errorf("%q are in the folder, want %q", got, want)
	}
}

// The marker plays where Asterisk is told of it, as long as is waited for it.
func TestMarkerIsASound(t *testing.T) {
	s := Settings{Folder: t.TempDir(), Media: "/sounds", Voices: voices}
	l, files := stocked(t, s)
	m := manifest(t, s, files)
	marker := l.Markers(m)[0]
	samples, err := l.Samples(marker.Media)
	if err != nil || lengthOf(samples) != marker.Length || marker.Media != "sound:/sounds/"+m.Name() {
		t.Errorf("marker %+v: %s of sound, %v", marker, lengthOf(samples), err)
	}
}

func TestManifestNamesWhatIsMissing(t *testing.T) {
	l := open(t, t.TempDir(), "")
	files, err := Files(l.settings, texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.Manifest(files)
	if got := strings.Count(err.Error(), "is missing"); got != len(files) {
		t.Errorf("%v: want %d missing", err, len(files))
	}
	_, err = l.Manifest(append(files, append(files, files...)...))
	if got := strings.Count(err.Error(), "is missing"); got != 5 || !strings.HasSuffix(err.Error(), "\nand 4 more") {
		t.Errorf("%v: want 5 missing and 4 more", err)
	}
}

// A tar of the same sounds is the same to the last bit, and tar unpacks it.
func TestPack(t *testing.T) {
	s := Settings{Folder: t.TempDir(), Voices: voices}
	l, files := stocked(t, s)
	m := manifest(t, s, files)
	target := filepath.Join(t.TempDir(), "sounds.tar")
	if err := l.PackFile(target, m); err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := l.Pack(&again, m); err != nil {
		t.Fatal(err)
	}
	packed, err := os.ReadFile(target)
	if err != nil || !bytes.Equal(packed, again.Bytes()) {
		t.Errorf("two tars of one set differ, %v", err)
	}
	var names []string
	for r := tar.NewReader(&again); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Mode != 0o644 || h.Uid != 0 || h.Gid != 0 || !h.ModTime.Equal(packedAt) {
			t.Errorf("%s: %+v", h.Name, h)
		}
		names = append(names, h.Name)
	}
	if want := append(m.Files(), m.List(), m.Name()+".wav"); !slices.Equal(names, want) {
		t.Errorf("the tar holds %q, want %q", names, want)
	}
	to := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "tar", "-xf", target, "-C", to).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("tar: %v: %s", err, out)
	}
	if !m.In(to) {
		t.Errorf("no manifest where the tar was unpacked: %q", manifestsIn(t, to))
	}
}

// A tar that cannot be made whole is not made, and what was there stays.
func TestPackFaults(t *testing.T) {
	s := Settings{Folder: t.TempDir(), Voices: voices}
	l, files := stocked(t, s)
	m := manifest(t, s, files)
	put(t, s, files[3].Name+".wav", wavFile(tone(time.Second, 0.2)))
	folder := t.TempDir()
	target := filepath.Join(folder, "sounds.tar")
	if err := os.WriteFile(target, []byte("of last year"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := l.PackFile(target, m); err == nil || !strings.Contains(err.Error(), files[3].Name) || !strings.Contains(err.Error(), "was changed meanwhile") {
		t.Errorf("changed meanwhile: error %v", err)
	}
	if b, err := os.ReadFile(target); err != nil || string(b) != "of last year" {
		t.Errorf("the tar of last year is %q, %v", b, err)
	}
	if left, _ := os.ReadDir(folder); len(left) != 1 {
		t.Errorf("%v are left", left)
	}
	if err := l.PackFile("/dev/null", m); err == nil || !strings.Contains(err.Error(), "is no regular file") {
		t.Errorf("/dev/null: error %v", err)
	}
	link := filepath.Join(t.TempDir(), "stdout")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := l.PackFile(link, m); err == nil || !strings.Contains(err.Error(), "is no regular file") {
		t.Errorf("a link to a file: error %v", err)
	}
	if to, err := os.Readlink(link); err != nil || to != target {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if err := l.PackFile("/none/sounds.tar", m); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: error %v", err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	if err := l.Pack(full, m); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("full: error %v", err)
	}
}
