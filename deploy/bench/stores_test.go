package bench

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aftercall/scoring/sqlite"
)

// TestMultiplied: the program itself finds a multiplied store sound.
func TestMultiplied(t *testing.T) {
	s, folder := brief(t), t.TempDir()
	from, to := filepath.Join(folder, "from.db"), filepath.Join(folder, "to.db")
	if err := s.invent(t.Context(), from, 2000); err != nil {
		t.Fatal(err)
	}
	if err := multiplied(t.Context(), from, to, 3); err != nil {
		t.Fatal(err)
	}
	surveys := func(path string) (n, counted int) {
		db, err := sql.Open("sqlite3", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := db.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM calls), (SELECT sum(n) FROM agent_day)`).Scan(&n, &counted); err != nil {
			t.Fatal(err)
		}
		return n, counted
	}
	n, _ := surveys(from)
	if got, counted := surveys(to); n < 2000 || got != 3*n || counted != 3*n {
		t.Errorf("%d surveys multiplied by 3 are %d, counted %d", n, got, counted)
	}
	out, err := s.aftercall(t.Context(), to, "recount").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "recounted; 0 figures differed") {
		t.Errorf("recount: %v\n%s", err, out)
	}
}

// TestInvented: a store is made once, also beside a program that has it open.
func TestInvented(t *testing.T) {
	s := brief(t)
	path, err := s.Invented(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	made, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{Zone: "Asia/Shanghai", Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	again := make(chan error, 1)
	go func() {
		_, err := s.Invented(t.Context(), 100)
		again <- err
	}()
	select {
	case err = <-again:
	case <-time.After(20 * time.Second):
		t.Fatal("waits for whoever has the store open")
	}
	now, err2 := os.Stat(path)
	if err := errors.Join(err, err2); err != nil || !os.SameFile(made, now) {
		t.Errorf("made anew, or %v", err)
	}
}

// TestSays: what is wanted may come in any order and in any pieces.
func TestSays(t *testing.T) {
	for _, pieces := range [][]string{
		{"a=1 msg=serving http=here:1 b=2\n", "x\nmsg=two\n"},
		{"msg=two\nmsg=ser", "ving http=here:1", "\n"},
	} {
		s := &says{wanted: []string{"msg=serving ", "msg=two"}, done: make(chan struct{})}
		for i, p := range pieces {
			select {
			case <-s.done:
				t.Errorf("%q: done ahead of piece %d", pieces, i)
			default:
			}
			if n, err := s.Write([]byte(p)); n != len(p) || err != nil {
				t.Errorf("%q: wrote %d, %v", p, n, err)
			}
		}
		select {
		case <-s.done:
		default:
			t.Errorf("%q: not done, still wants %q", pieces, s.wanted)
		}
		if s.address != "here:1" {
			t.Errorf("%q: serves at %q", pieces, s.address)
		}
	}
}

func TestMachine(t *testing.T) {
	text, err := Machine(t.Context(), brief(t))
	if err != nil || !strings.Contains(text, "processors") || !strings.Contains(text, "aftercall ") {
		t.Errorf("the head of a run is %q, error %v", text, err)
	}
}
