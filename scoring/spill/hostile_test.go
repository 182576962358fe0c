package spill

import (
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// line gives a record as the file holds it.
func line(t *testing.T, r scoring.Record) string {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

// TestHostileFile: what a file may hold after crashes, an update, or somebody's
// hand. Every record in it comes into the store, once, and what is none is put
// aside; nothing stops what stands behind.
func TestHostileFile(t *testing.T) {
	parts := storetest.Survey(2)
	whole := line(t, parts[0]) + line(t, parts[1]) + line(t, parts[2])
	zeros := strings.Repeat("\x00", 5000)
	long := `{"id":{"uniqueid":"` + strings.Repeat("x", 10<<20) + `","visit":1}}` + "\n"
	unknown := strings.Replace(whole, `{"id":`, `{"added_later":{"x":[1,2]},"id":`, 1)
	missing := `{"id":{"uniqueid":"old.1","visit":1},"call":{"queue":"support"}}` + "\n"
	for name, c := range map[string]struct {
		text     string
		rejected string
	}{
		"as it was written":          {whole, ""},
		"every line twice":           {line(t, parts[0]) + line(t, parts[0]) + whole + line(t, parts[2]), ""},
		"a newer program's field":    {unknown, ""},
		"fields missing":             {missing + whole, missing},
		"zeros in front of a record": {zeros + whole, ""},
		"zeros between":              {line(t, parts[0]) + zeros + line(t, parts[1]) + line(t, parts[2]), ""},
		"zeros behind":               {whole + zeros, zeros + "\n"},
		"a line of zeros":            {zeros + "\n" + whole, zeros + "\n"},
		"half a record, then zeros":  {whole + line(t, parts[0])[:40] + zeros + "\n", line(t, parts[0])[:40] + zeros + "\n"},
		"ten megabytes":              {long + whole, long},
		"empty lines":                {"\n\n" + whole + "\n", "\n\n\n"},
		"last line not ended":        {strings.TrimSuffix(whole, "\n"), ""},
		"not JSON's own characters":  {"\xff\xfe\n" + whole, "\xff\xfe\n"},
		"another kind of JSON":       {"[1]\nnull\n7\n" + whole, "[1]\nnull\n7\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "spill.jsonl")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			s := openStore(t, filepath.Join(dir, "store.db"))
			r := openRecorder(t, path, s, patient)
			if _, err := r.Replay(t.Context()); err != nil {
				t.Errorf("replay: %v", err)
			}
			wantSettled(t, r, s, 2)
			aside, err := os.ReadFile(path + ".rejected")
			if err != nil && !errors.Is(err, fs.ErrNotExist) || string(aside) != c.rejected {
				t.Errorf("put aside: %.200q, error %v, want %.200q", aside, err, c.rejected)
			}
			if len(r.held) != 0 {
				t.Errorf("calls that are held: %v, want none", r.held)
			}
		})
	}
}

// TestKilledBeforeItIsEmptied: a run that was killed when the store had all of
// the file, and one that was killed in the middle, leave it as it was.
func TestKilledBeforeItIsEmptied(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "spill.jsonl")
	parts := storetest.Survey(2)
	text := line(t, parts[0]) + line(t, parts[1]) + line(t, parts[2])
	s := openStore(t, filepath.Join(dir, "store.db"))
	for range 3 {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r := openRecorder(t, path, s, patient)
		if done, err := r.Replay(t.Context()); err != nil || done != 3 {
			t.Errorf("replay: %d, error %v, want 3", done, err)
		}
		wantSettled(t, r, s, 2)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(path + ".rejected"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("put aside: %v, want nothing", err)
	}
}

// TestFileRemovedWhileOpen: what was in it and what comes is in a file of that
// name, which the next start finds.
func TestFileRemovedWhileOpen(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "spill.jsonl")
	s := &faulty{Store: openStore(t, filepath.Join(dir, "store.db")), fault: "failed"}
	r := openRecorder(t, path, s, patient)
	for _, rec := range storetest.Survey(2) {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		put(t, r, rec, true)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Replay(t.Context()); !errors.Is(err, errDisk) { // which finds it gone, too
		t.Errorf("replay: error %v, want %v", err, errDisk)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file anew: %v, error %v, want 0600", info, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	s.fault = ""
	r = openRecorder(t, path, s, patient)
	if done, err := r.Replay(t.Context()); err != nil || done != 3 {
		t.Errorf("replay: %d, error %v, want 3", done, err)
	}
	wantSettled(t, r, s.Store, 2)
}

// Where another file stands, or the folder is gone, nothing is said to be safe.
func TestFileThatIsAnother(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "folder")
	path := filepath.Join(folder, "spill.jsonl")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	s := &faulty{Store: openStore(t, filepath.Join(dir, "store.db")), fault: "failed"}
	r := openRecorder(t, path, s, patient)
	parts := storetest.Survey(2)
	put(t, r, parts[0], true)
	fails := func(what, says string, rec scoring.Record) {
		t.Helper()
		if receipt, err := r.Write(t.Context(), rec); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: receipt %+v, error %v, want one that says %q", what, receipt, err, says)
		}
	}
	if err := errors.Join(os.Remove(path), os.WriteFile(path, []byte("mine\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	fails("another file", "another file", parts[1])
	if mine, err := os.ReadFile(path); err != nil || string(mine) != "mine\n" {
		t.Errorf("it holds %q, error %v, want it untouched", mine, err)
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	fails("folder gone", "no such file", parts[1])
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, r, parts[1], true)
	put(t, r, parts[2], true)
	s.fault = ""
	if done, err := r.Replay(t.Context()); err != nil || done != 3 {
		t.Errorf("replay: %d, error %v, want 3", done, err)
	}
	wantSettled(t, r, s.Store, 2)
}

// A last line that cannot even be ended is no reason not to start.
func TestTornLineOnAFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spill.jsonl")
	good := line(t, storetest.Whole(1))
	if err := os.WriteFile(path, []byte(good+`{"id":{"uni`), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path) // which refuses what is written
	if err != nil {
		t.Fatal(err)
	}
	r := &Recorder{path: path, file: file, held: map[scoring.CallID]int{}, log: slog.New(slog.DiscardHandler)}
	if err := r.takeStock(); err != nil || r.size != int64(len(good)) || r.stats.Pending != 1 || !r.dirty {
		t.Errorf("size %d, pending %d, dirty %v, error %v, want the line in front alone, and what is behind to be cut", r.size, r.stats.Pending, r.dirty, err)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
}

func TestWaitingCopyTake(t *testing.T) {
	dir := t.TempDir()
	path, to := filepath.Join(dir, "spill.jsonl"), filepath.Join(dir, "copy.jsonl")
	if n, err := Waiting(path); n != 0 || err != nil {
		t.Errorf("no file: %d, error %v, want 0", n, err)
	}
	if err := os.WriteFile(to, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := Copy(path, to); n != 0 || err != nil {
		t.Errorf("copy of no file: %d, error %v, want 0", n, err)
	}
	if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("copy: %v, want none", err)
	}
	text := line(t, storetest.Whole(1)) + line(t, storetest.Whole(2))
	if err := os.WriteFile(path, []byte("noise\n"+text+line(t, storetest.Whole(3))[:30]), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &faulty{Store: openStore(t, filepath.Join(dir, "store.db")), fault: "failed"}
	r := openRecorder(t, path, s, patient) // beside a service
	if n, err := Waiting(path); n != 2 || err != nil {
		t.Errorf("waiting: %d, error %v, want 2", n, err)
	}
	if n, err := Copy(path, to); n != 2 || err != nil {
		t.Errorf("copy: %d, error %v, want 2", n, err)
	}
	info, err := os.Stat(to)
	if copied, readErr := os.ReadFile(to); errors.Join(err, readErr) != nil || string(copied) != text || info.Mode().Perm() != 0o600 {
		t.Errorf("copy: %q, %v, error %v, want both records, for the owner only", copied, info.Mode(), errors.Join(err, readErr))
	}
	if _, err := Take(path, to); !errors.Is(err, ErrInUse) {
		t.Errorf("take beside a service: error %v, want %v", err, ErrInUse)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other.jsonl")
	if err := os.WriteFile(other, []byte(line(t, storetest.Whole(4))+`{"half`), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // once more changes nothing
		if n, err := Take(other, to); n != 2 || err != nil {
			t.Errorf("take: %d, error %v, want 2", n, err)
		}
	}
	if n, err := Take(other, filepath.Join(dir, "none")); n != 0 || err != nil {
		t.Errorf("take of no file: %d, error %v, want 0", n, err)
	}
	s.fault = ""
	r = openRecorder(t, other, s, patient)
	if done, err := r.Replay(t.Context()); err != nil || done != 5 {
		t.Errorf("replay: %d, error %v, want 5", done, err)
	}
	rows, err := s.Calls(t.Context(), scoring.Query{})
	if err != nil || len(rows) != 3 {
		t.Errorf("%d calls, error %v, want 3", len(rows), err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || slices.ContainsFunc(left, func(e fs.DirEntry) bool { return strings.HasSuffix(e.Name(), ".unfinished") }) {
		t.Errorf("left %v, error %v, want nothing unfinished", left, err)
	}
}
