package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// large is what the benchmarks of large stores copy; it is not changed.
var large = flag.String("large", "", "a closed store of many surveys for BenchmarkLarge; empty = a small one is made")

// undo takes a store back to an older schema: what the newest migrations made
// is gone, the calls stay.
var undo = map[int64]string{
	5: ``,
	4: `DROP TABLE callers; DROP TABLE removed_counts_agent; DROP TABLE removed_counts_day; DROP TABLE removed_agent_day;
		DROP TABLE removed_timing; DELETE FROM goose_db_version WHERE version_id > 4;`,
	3: `DROP TABLE callers; DROP TABLE removed_counts_agent; DROP TABLE removed_counts_day; DROP TABLE removed_agent_day;
		DROP TABLE removed_timing; DROP TABLE agents; DROP TABLE agent_day;
		CREATE TABLE agent_day (day TEXT NOT NULL, agent TEXT NOT NULL, result TEXT NOT NULL, n INTEGER NOT NULL,
			PRIMARY KEY (day, agent, result)) STRICT, WITHOUT ROWID;
		DELETE FROM totals WHERE kind = 'layout_hangup'; DELETE FROM goose_db_version WHERE version_id > 3;`,
}

// copied hears when the copy was made before the tables change.
type copied struct {
	slog.Handler
	at *time.Time
}

func (c copied) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "database copied before its tables change" {
		*c.at = r.Time
	}
	return nil
}

// BenchmarkLarge opens a store of many surveys, as it is and from older
// schemas, from which it is brought up to date with a copy kept beside it. One
// iteration is one opening; run it with -benchtime 1x, as every one needs a
// copy of the store first.
func BenchmarkLarge(b *testing.B) {
	for _, schema := range []int64{5, 4, 3} {
		b.Run(fmt.Sprintf("schema=%d", schema), func(b *testing.B) {
			for range b.N {
				openLarge(b, schema)
			}
		})
	}
}

func openLarge(b *testing.B, schema int64) {
	b.Helper()
	b.StopTimer()
	path, zone := largeCopy(b)
	rows, cells := aside(b, path, "", `SELECT count(*) FROM calls`), aside(b, path, "", `SELECT sum(n) FROM agent_day`)
	if now := aside(b, path, undo[schema], `SELECT max(version_id) FROM goose_db_version`); now != schema {
		b.Fatalf("schema %d, want %d: undo what the newest migrations made", now, schema)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	var copiedAt time.Time
	b.StartTimer()
	began := time.Now()
	s, err := Open(b.Context(), path, Options{Zone: zone, Log: slog.New(copied{slog.NewTextHandler(io.Discard, nil), &copiedAt})})
	ready := time.Now()
	b.StopTimer()
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	if now := aside(b, path, "", `SELECT sum(n) FROM agent_day`); rows == 0 || now != cells {
		b.Fatalf("%d calls, %d surveys in the agents' days, want some and %d", rows, now, cells)
	}
	b.ReportMetric(float64(rows), "surveys")
	b.ReportMetric(float64(info.Size())/float64(rows), "B/survey")
	b.ReportMetric(ready.Sub(began).Seconds(), "open-s")
	if copiedAt.IsZero() != (undo[schema] == "") {
		b.Fatalf("copied before the tables changed: %v, want it where they change and nowhere else", copiedAt)
	}
	if !copiedAt.IsZero() {
		b.ReportMetric(copiedAt.Sub(began).Seconds(), "copy-s")
		b.ReportMetric(ready.Sub(copiedAt).Seconds(), "step-s")
	}
}

// aside changes the file as somebody else, and asks it for one number.
func aside(b *testing.B, path, change, query string) (n int64) {
	b.Helper()
	db, err := sql.Open("sqlite3", location(path))
	if err != nil {
		b.Fatal(err)
	}
	if _, err = db.ExecContext(b.Context(), change); err == nil {
		err = db.QueryRowContext(b.Context(), query).Scan(&n)
	}
	if err := errors.Join(err, db.Close()); err != nil {
		b.Fatalf("%s %s: %v", change, query, err)
	}
	return n
}

// largeCopy gives a store that may be changed, and its zone.
func largeCopy(b *testing.B) (path, zone string) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "store.db")
	from := *large
	if from == "" {
		from = filepath.Join(b.TempDir(), "large.db")
		makeSmall(b, from)
	}
	in, err := os.Open(from)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, private)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		b.Fatal(err)
	}
	if err := out.Sync(); err != nil {
		b.Fatal(err)
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
	db, err := openReaders(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(b.Context(), `SELECT value FROM meta WHERE key = 'zone'`).Scan(&zone); err != nil {
		b.Fatal(err)
	}
	return path, zone
}

func makeSmall(b *testing.B, path string) {
	b.Helper()
	s, err := Open(b.Context(), path, Options{Zone: "UTC"})
	if err != nil {
		b.Fatal(err)
	}
	records := make([]scoring.Record, 1000)
	for i := range records {
		records[i] = storetest.Whole(i)
	}
	if err := s.WriteAll(b.Context(), records); err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}
