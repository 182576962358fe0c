package sqlite

import (
	"context"
	"path/filepath"
	"testing"

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
