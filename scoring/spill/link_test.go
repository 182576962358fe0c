package spill

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"aftercall/scoring/storetest"
)

// TestPathsOfOthers: in a folder that others can write to, a link to a file of
// ours is not followed and a pipe does not hold us up: neither as the spill
// file nor as that of the lines put aside.
func TestPathsOfOthers(t *testing.T) {
	dir := t.TempDir()
	ours, path := filepath.Join(dir, "aftercall.db"), filepath.Join(dir, "spill.jsonl")
	store := openStore(t, filepath.Join(dir, "real.db"))
	const kept = "not to be emptied\n"
	if err := errors.Join(os.WriteFile(ours, []byte(kept), 0o600), os.Symlink(ours, path)); err != nil {
		t.Fatal(err)
	}
	if r, err := Open(path, store.Write, limit, nil); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("open a link: %v, %v, want %v", r, err, syscall.ELOOP)
	}
	if err := errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)); err != nil {
		t.Fatal(err)
	}
	if r, err := Open(path, store.Write, limit, nil); err == nil {
		t.Errorf("open a pipe: %v, want an error", r)
	}
	if err := errors.Join(os.Remove(path), os.WriteFile(path, []byte("no record\n"), 0o600), os.Symlink(ours, path+".rejected")); err != nil {
		t.Fatal(err)
	}
	r := openRecorder(t, path, store, limit)
	if done, err := r.Replay(t.Context()); !errors.Is(err, syscall.ELOOP) || done != 0 || r.Stats().Pending != 1 {
		t.Errorf("put a line aside through a link: %d, %v, %+v, want %v and the line still there", done, err, r.Stats(), syscall.ELOOP)
	}
	if b, err := os.ReadFile(ours); string(b) != kept || err != nil {
		t.Errorf("the file that the links lead to holds %q, %v, want it as it was", b, err)
	}
}

// TestCopyThroughNoLink: whoever puts a link where a copy is made does not have
// a file of ours written over.
func TestCopyThroughNoLink(t *testing.T) {
	dir := t.TempDir()
	path, ours := filepath.Join(dir, "spill.jsonl"), filepath.Join(dir, "ours")
	to := filepath.Join(t.TempDir(), "copy.jsonl")
	for name, text := range map[string]string{path: line(t, storetest.Whole(1)), ours: "ours"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(ours, to+".unfinished"); err != nil {
		t.Fatal(err)
	}
	if _, err := Copy(path, to); err == nil {
		t.Error("copy: no error, want a link refused")
	}
	if text, err := os.ReadFile(ours); err != nil || string(text) != "ours" {
		t.Errorf("the file behind the link holds %q, error %v, want it as it was", text, err)
	}
}
