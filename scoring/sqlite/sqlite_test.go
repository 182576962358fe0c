package sqlite

import (
	"context"
	"path/filepath"
	"testing"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Opener {
		path := filepath.Join(t.TempDir(), "store #1?.db") // what means something in a URI must not
		return func(zone string) (storetest.Store, error) {
			s, err := Open(context.Background(), path, Options{Zone: zone})
			if err != nil {
				return nil, err
			}
			return s, nil
		}
	})
}

// Where another program adds a call, or the newest is removed, the next call
// still gets an id of its own.
func TestCallGetsAnIDOfItsOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, Options{})
	write(t, s, storetest.Whole(1))
	run(t, path, `CREATE TEMP TABLE other AS SELECT * FROM calls; UPDATE other SET id = 2, uniqueid = 'other';
		INSERT INTO calls SELECT * FROM other`)
	write(t, s, storetest.Whole(3))
	run(t, path, `DELETE FROM calls WHERE id = 3`)
	write(t, s, storetest.Whole(4))
	rows, err := s.Calls(t.Context(), scoring.Query{})
	if err != nil || len(rows) != 3 {
		t.Errorf("%d calls, error %v, want 3", len(rows), err)
	}
}
