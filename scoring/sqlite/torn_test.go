package sqlite

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

const (
	walHeader = 32
	walFrame  = 24 + 4096
)

// written is a store as it stands on the disk while its service runs, and how
// long its log was when each call had been confirmed.
type written struct {
	db, log []byte
	sizes   []int // by call
}

func writeAndLook(t *testing.T, calls int) written {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, Options{})
	var w written
	var err error
	for n := range calls {
		write(t, s, storetest.Whole(n))
		if w.log, err = os.ReadFile(path + "-wal"); err != nil {
			t.Fatal(err)
		}
		w.sizes = append(w.sizes, len(w.log))
	}
	if w.db, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	if w.sizes[calls-1] != len(w.log) || !slices.IsSorted(w.sizes) {
		t.Fatalf("sizes of the log %v: it began anew, want fewer calls", w.sizes)
	}
	return w
}

// put lays a database and its log down, with garbage for a -shm file.
func (w written) put(t *testing.T, log []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "store.db")
	for name, b := range map[string][]byte{path: w.db, path + "-wal": log, path + "-shm": bytes.Repeat([]byte("garbage!"), 4096)} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// TestTornLog: wherever the log was cut or spoilt, the start holds every call
// whose commit stands whole before that place, no part of another, and
// roll-ups and totals are as the rows say; behind the last commit that is
// everything that was confirmed. Where commits stand behind the damage it
// refuses, and changes nothing.
func TestTornLog(t *testing.T) {
	w := writeAndLook(t, 20)
	last := w.sizes[18] // where the last commit begins
	end := len(w.log)
	for _, c := range []struct {
		name string
		log  []byte
		at   int // from where on the log is not as it was written; -1 = it is refused
	}{
		{"whole", w.log, end},
		{"garbage behind", append(slices.Clone(w.log), bytes.Repeat([]byte{0xa5}, 3*walFrame)...), end},
		{"zeros behind", append(slices.Clone(w.log), make([]byte, walFrame)...), end},
		{"half a frame behind", append(slices.Clone(w.log), w.log[end-walFrame:end-2000]...), end},
		{"last commit again behind", append(slices.Clone(w.log), w.log[last:]...), end},
		{"last byte cut", w.log[:end-1], end - 1},
		{"cut in the last frame", w.log[:end-walFrame/2], end - walFrame/2},
		{"cut in the last frame's header", w.log[:end-walFrame+10], end - walFrame + 10},
		{"last frame cut", w.log[:end-walFrame], end - walFrame},
		{"cut where the last commit begins", w.log[:last], last},
		{"last frame flipped", flipped(w.log, end-walFrame+24, 4096), end - walFrame + 24},
		{"last frame's header flipped", flipped(w.log, end-walFrame, 24), end - walFrame},
		{"a bit of the last page", flipped(w.log, end-1, 1), end - 1},
		{"a frame in the middle", flipped(w.log, w.sizes[9]-walFrame, 100), -1},
		{"a bit in the middle", flipped(w.log, w.sizes[9]-1, 1), -1},
		{"the last commit but one", flipped(w.log, w.sizes[17]+5000, 1), -1},
		{"cut in the middle", w.log[:w.sizes[9]-5], w.sizes[9] - 5},
		{"the log's header", flipped(w.log, 0, walHeader), -1},
		{"a salt in the log's header", flipped(w.log, 17, 1), -1},
		{"cut in the log's header", w.log[:walHeader/2], 0},
		{"empty", nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := w.put(t, c.log)
			if c.at < 0 {
				_, err := Open(t.Context(), path, Options{Zone: "UTC"})
				log, readErr := os.ReadFile(path + "-wal")
				if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "damaged in the middle") || readErr != nil || !bytes.Equal(log, c.log) {
					t.Errorf("error %v, want %v, and the log as it was", err, ErrCorrupt)
				}
				return
			}
			s := open(t, path, Options{})
			storetest.Check(t, s)
			rows, err := s.Calls(t.Context(), scoring.Query{Limit: 100})
			want := 0
			for want < len(w.sizes) && w.sizes[want] <= c.at {
				want++
			}
			if err != nil || len(rows) != want {
				t.Errorf("%d calls, error %v, want the %d whose commits are whole", len(rows), err, want)
			}
			write(t, s, storetest.Whole(50))
			storetest.Check(t, s)
		})
	}
}

func flipped(log []byte, at, n int) []byte {
	bad := slices.Clone(log)
	for i := range n {
		bad[at+i] ^= 0xff
	}
	return bad
}

// TestNoWholeStore: what no service leaves is refused by everybody who opens
// it, with what to do, and not touched.
func TestNoWholeStore(t *testing.T) {
	w := writeAndLook(t, 3)
	for name, c := range map[string]struct {
		spoil func(path string) error
		says  string
		all   bool // also by who only reads
	}{
		"database gone, log there": {os.Remove, "the -wal file beside it holds records", true},
		"database empty, log there": {func(path string) error { return os.Truncate(path, 0) },
			"the -wal file beside it holds records", true},
		"database empty": {func(path string) error { return errors.Join(os.Truncate(path, 0), os.Remove(path+"-wal")) },
			"it is empty, want a restored backup; to begin anew, remove it", true},
		"a folder": {func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o755)) }, "it is no file", true},
		"cut to half a page": {func(path string) error { return errors.Join(os.Truncate(path, 2048), os.Remove(path+"-wal")) },
			"damaged or no database", true},
	} {
		t.Run(name, func(t *testing.T) {
			path := w.put(t, w.log)
			if err := c.spoil(path); err != nil {
				t.Fatal(err)
			}
			before := listing(t, path)
			for range 2 {
				_, serve := Open(t.Context(), path, Options{Zone: "UTC"})
				_, reader := OpenReadOnly(t.Context(), path)
				_, backup := Backup(t.Context(), path, filepath.Join(t.TempDir(), "copy.db"), false)
				for who, err := range map[string]error{"service": serve, "reader": reader, "backup": backup} {
					if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
						t.Errorf("%s: error %v, want %v that says %q", who, err, ErrCorrupt, c.says)
					}
				}
			}
			if after := listing(t, path); after != before {
				t.Errorf("it left\n%swant\n%s", after, before)
			}
		})
	}
}

// listing describes the files of a store, but for those that say nothing.
func listing(t *testing.T, path string) (text string) {
	t.Helper()
	for _, end := range []string{"", "-wal"} {
		info, err := os.Stat(path + end)
		if err != nil || info.Size() == 0 && end != "" {
			text += end + " is not there\n"
			continue
		}
		b, _ := os.ReadFile(path + end) // a folder has none
		text += fmt.Sprintf("%s %v %x\n", end, info.Mode(), sha256.Sum256(b))
	}
	return text
}

// A start that made the database and could not fill it leaves none: the next
// one is not refused.
func TestFirstStartOnAFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	status, said := suffering(t, "pwrite64", "error=ENOSPC:when=2+", path, "open", "", "UTC") // the first is for the lock
	if status.ExitStatus() != 1 || !strings.Contains(said, ErrFull.Error()) {
		t.Errorf("status %d, says %q, want 1 and that there is no space", status.ExitStatus(), said)
	}
	storetest.Check(t, open(t, path, Options{}))
}

// TestFirstStartKilled: a first start that is killed anywhere is followed by
// one that works.
func TestFirstStartKilled(t *testing.T) {
	for _, call := range []string{"openat", "pwrite64", "fdatasync,fsync", "ftruncate"} {
		for n := 1; ; n += 1 + n/3 {
			path := filepath.Join(t.TempDir(), "store.db")
			if killedAt(t, call, n, path, "open", "", "UTC") {
				if n == 1 {
					t.Errorf("a first start made no call of %s", call)
				}
				break
			}
			s, err := Open(t.Context(), path, Options{Zone: "UTC"})
			if err != nil {
				t.Fatalf("%s %d: %v", call, n, err)
			}
			write(t, s, storetest.Whole(1))
			storetest.Check(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// What commits that failed have left in the log, behind one that did not, is
// no damage.
func TestLogAfterCommitsThatFailed(t *testing.T) {
	w := writeAndLook(t, 4)
	base, two := w.sizes[0], w.sizes[1]
	longer := slices.Clone(w.log) // as if the second to fourth had failed, and a shorter one was written over them
	for i := base; i < two; i++ {
		longer[i] ^= 0x55
	}
	other := writeAndLook(t, 4)
	copy(longer[two:], other.log[two:other.sizes[2]]) // of another history: follows nothing
	for i := two; i+walFrame <= len(longer); i += walFrame {
		copy(longer[i+8:i+16], w.log[16:24]) // with the salts of this log
	}
	for i := two + walFrame; i < w.sizes[3]; i += walFrame { // and each as if written by itself
		longer[i+17] ^= 0xff
	}
	if lost, err := lostBehind(bytes.NewReader(longer)); err != nil || lost {
		t.Errorf("lost: %v, error %v, want neither", lost, err)
	}
	if lost, err := lostBehind(bytes.NewReader(flipped(w.log, base+100, 1))); err != nil || !lost {
		t.Errorf("a log that goes on: lost: %v, error %v, want it told", lost, err)
	}
}
