package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// What is written to a file that somebody removed or moved away would be gone
// with the program: it is refused, and taken again when the file is back.
func TestFilesThatWereTakenAway(t *testing.T) {
	for _, name := range []string{"store.db", "store.db-wal", ""} { // "" = the whole folder
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "store")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			s := open(t, filepath.Join(dir, "store.db"), Options{})
			write(t, s, storetest.Whole(1))
			here := filepath.Join(dir, name)
			away := filepath.Join(filepath.Dir(dir), "away")
			if err := os.Rename(here, away); err != nil {
				t.Fatal(err)
			}
			if err := writeErr(s, 2); !errors.Is(err, ErrMoved) {
				t.Errorf("write: error %v, want %v", err, ErrMoved)
			}
			if h := s.Health(); !errors.Is(h.LastError, ErrMoved) {
				t.Errorf("health %+v, want the last error to be %v", h, ErrMoved)
			}
			if name != "" {
				if err := os.WriteFile(here, nil, 0o600); err != nil {
					t.Fatal(err)
				}
				if err := writeErr(s, 2); !errors.Is(err, ErrMoved) {
					t.Errorf("write beside another file: error %v, want %v", err, ErrMoved)
				}
			}
			if err := os.Rename(away, here); err != nil {
				t.Fatal(err)
			}
			write(t, s, storetest.Whole(2))
			rows, err := s.Calls(t.Context(), scoring.Query{})
			if err != nil || len(rows) != 2 {
				t.Errorf("%d calls, error %v, want 2", len(rows), err)
			}
			storetest.Check(t, s)
		})
	}
}
