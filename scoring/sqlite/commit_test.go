package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"testing"

	"github.com/mattn/go-sqlite3"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// trouble is a driver in trouble; fault is set while nothing is written.
type trouble struct {
	fault  string
	opened int
}

type troubledConn struct {
	*sqlite3.SQLiteConn
	t *trouble
}

type troubledStatement struct {
	prepared
	sql string
	t   *trouble
}

var errBroken = sqlite3.Error{Code: sqlite3.ErrIoErr}

func (t *trouble) open(dsn string) (driver.Conn, error) {
	if t.fault == "cannot be opened" {
		return nil, errBroken
	}
	t.opened++
	c, err := (&sqlite3.SQLiteDriver{}).Open(dsn)
	if err != nil {
		return nil, err
	}
	return troubledConn{c.(*sqlite3.SQLiteConn), t}, nil
}

func (c troubledConn) Prepare(sql string) (driver.Stmt, error) {
	p, err := c.SQLiteConn.Prepare(sql)
	if err != nil {
		return nil, err
	}
	return troubledStatement{p.(prepared), sql, c.t}, nil
}

func (s troubledStatement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	switch {
	case s.sql == `BEGIN IMMEDIATE` && (s.t.fault == "connection broken" || s.t.fault == "cannot be opened"),
		s.sql == `COMMIT` && s.t.fault == "commit failed":
		return nil, errBroken
	case s.sql == `COMMIT` && s.t.fault == "commit failed but happened":
		rows, err := s.prepared.QueryContext(ctx, args)
		if err != nil {
			return nil, err
		}
		return nil, errors.Join(errBroken, rows.Close())
	}
	return s.prepared.QueryContext(ctx, args)
}

// However a commit fails, the writer lives on, nothing is counted that is not
// durable, and the same record written again comes out right.
func TestCommitFails(t *testing.T) {
	for _, fault := range []string{"connection broken", "cannot be opened", "commit failed", "commit failed but happened"} {
		t.Run(fault, func(t *testing.T) {
			d := &trouble{}
			s := open(t, filepath.Join(t.TempDir(), "store.db"), Options{connect: d.open})
			parts := storetest.Survey(1)
			write(t, s, parts[0])
			before := s.Totals()
			for range 2 {
				d.fault = fault
				if _, err := s.Write(t.Context(), parts[1]); !errors.Is(err, ErrIO) {
					t.Errorf("write: error %v, want %v", err, ErrIO)
				}
				if h := s.Health(); !errors.Is(h.LastError, ErrIO) {
					t.Errorf("health %+v, want the last error to be %v", h, ErrIO)
				}
				if fault != "commit failed but happened" && len(s.Totals()) != len(before) {
					t.Errorf("totals %v, want them as before: %v", s.Totals(), before)
				}
				if _, err := s.Write(t.Context(), storetest.Survey(2)[0]); !errors.Is(err, ErrIO) {
					t.Errorf("write of a new call: error %v, want %v", err, ErrIO)
				}
				d.fault = ""
				if err := s.Declare(t.Context(), nil); err != nil {
					t.Errorf("the next task: %v", err)
				}
				storetest.Check(t, s)
			}
			write(t, s, parts[1])
			write(t, s, parts[2])
			storetest.Check(t, s)
			_, err := s.Write(t.Context(), storetest.Survey(2)[2])
			if happened := fault == "commit failed but happened"; happened != (err == nil) || !happened && !errors.Is(err, scoring.ErrNoCall) {
				t.Errorf("end of the new call: error %v; the call was stored: %v", err, happened)
			}
			rows, err := s.Calls(t.Context(), scoring.Query{Agent: parts[0].Call.Agent.ID})
			if err != nil || len(rows) != 1 || rows[0].Questions[0].Answer == nil || rows[0].End == nil {
				t.Errorf("calls %+v, error %v, want the whole survey", rows, err)
			}
			if d.opened < 2 {
				t.Errorf("opened %d times, want the connection opened again", d.opened)
			}
		})
	}
}
