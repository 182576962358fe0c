package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"
	"golang.org/x/sys/unix"

	"aftercall/scoring"
	"aftercall/scoring/storetest"
)

// surveys makes the records of whole surveys before the clock runs.
func surveys(n int) [][3]scoring.Record {
	all := make([][3]scoring.Record, n)
	for i := range all {
		all[i] = storetest.Survey(i)
	}
	return all
}

func openBench(b *testing.B, o Options) *Store {
	b.Helper()
	o.Zone = "UTC"
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "store.db"), o)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// writeAll has so many writers write the surveys, each waiting for the
// receipt of one record before it writes the next, as calls do.
func writeAll(b *testing.B, s *Store, writers int, all [][3]scoring.Record) time.Duration {
	b.Helper()
	var group sync.WaitGroup
	began := time.Now()
	for w := range writers {
		group.Go(func() {
			for i := w; i < len(all); i += writers {
				for _, r := range all[i] {
					if _, err := s.Write(context.Background(), r); err != nil {
						b.Error(err)
						return
					}
				}
			}
		})
	}
	group.Wait()
	return time.Since(began)
}

func BenchmarkSurveys(b *testing.B) {
	for _, writers := range []int{1, 8, 64, 512} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s, all := openBench(b, Options{}), surveys(b.N)
			b.ReportAllocs()
			b.ResetTimer()
			took := writeAll(b, s, writers, all)
			b.StopTimer()
			b.ReportMetric(float64(b.N)/took.Seconds(), "surveys/s")
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkBare holds the store against its own statements: one run of the
// store is recorded at the driver, and then the same statements with the same
// values and the same commits are run in a bare loop on an empty database. What
// the store adds is all that a bare loop does not know: checks, queue, replies,
// what it remembers, and what it collects for the roll-ups. The floor is a
// loop that writes and syncs as many bytes with each commit as the bare one
// wrote to the disk for it, and nothing else.
func BenchmarkBare(b *testing.B) {
	for _, writers := range []int{1, 8, 64, 512} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			all := surveys(b.N)
			recorded := &recorder{}
			s := openBench(b, Options{connect: recorded.open})
			recorded.steps = nil
			writeAll(b, s, writers, all)
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
			commits := recorded.commits()
			bare, wrote := replay(b, recorded.steps)
			floor := syncs(b, commits, wrote/int64(commits))
			s = openBench(b, Options{})
			b.ResetTimer()
			took := writeAll(b, s, writers, all)
			b.StopTimer()
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/floor.Seconds(), "floor/s")
			b.ReportMetric(float64(b.N)/bare.Seconds(), "bare/s")
			b.ReportMetric(float64(b.N)/took.Seconds(), "surveys/s")
			b.ReportMetric(bare.Seconds()/took.Seconds(), "of-bare")
			b.ReportMetric(3*float64(b.N)/float64(commits), "records/commit")
			b.ReportMetric(float64(wrote)/float64(commits), "B/commit")
		})
	}
}

// BenchmarkSteady is whole surveys that come at a steady rate and at random, as
// callers do: a key after a second or so, the end a second behind it. Bare ends
// that are patient are held against the same ones that are not: how many
// transactions and bytes a survey takes, and how long this process works for it.
func BenchmarkSteady(b *testing.B) {
	for _, rate := range []int{20, 100} {
		for _, patient := range []bool{false, true} {
			b.Run(fmt.Sprintf("rate=%d/patient=%v", rate, patient), func(b *testing.B) {
				recorded, all := &recorder{}, surveys(b.N)
				s := openBench(b, Options{connect: recorded.open})
				recorded.steps = nil
				chance := rand.New(rand.NewPCG(1, 2))
				pause := func() time.Duration { return time.Second/2 + time.Duration(chance.ExpFloat64()*float64(time.Second)) }
				var group sync.WaitGroup
				b.ResetTimer()
				next, before, had := time.Now(), worked(b), handed(b)
				for _, parts := range all {
					parts[2] = scoring.Record{ID: parts[2].ID, End: parts[2].End, Patient: patient}
					pauses := []time.Duration{0, pause(), pause()}
					next = next.Add(time.Duration(chance.ExpFloat64() * float64(time.Second) / float64(rate)))
					time.Sleep(time.Until(next))
					group.Go(func() {
						for i, r := range parts {
							time.Sleep(pauses[i])
							ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
							if _, err := s.Write(ctx, r); err != nil {
								b.Error(err)
							}
							cancel()
						}
					})
				}
				group.Wait()
				took, wrote := worked(b)-before, handed(b)-had
				b.StopTimer()
				b.ReportMetric(float64(wrote)/float64(b.N), "B/survey")
				b.ReportMetric(float64(recorded.commits())/float64(b.N), "commits/survey")
				b.ReportMetric(took.Seconds()*1000/float64(b.N), "cpu-ms/survey")
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

// worked is for how long this process has worked.
func worked(b *testing.B) time.Duration {
	b.Helper()
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return time.Duration(t.Nano())
}

// syncs writes and syncs so often, over and over the same 4 MB as the log of a
// database does.
func syncs(b *testing.B, times int, size int64) time.Duration {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "floor"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	room := max(1, 4<<20/size) // of so many pieces
	piece := make([]byte, size)
	began := time.Now()
	for i := range int64(times) {
		if _, err := f.WriteAt(piece, i%room*size); err != nil {
			b.Fatal(err)
		}
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began)
}

// handed is what this process has handed to the system to write so far, in
// bytes.
func handed(b *testing.B) (n int64) {
	b.Helper()
	text, err := os.ReadFile("/proc/self/io")
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "wchar: ")
	if _, err := fmt.Sscan(rest, &n); err != nil {
		b.Fatalf("/proc/self/io has no wchar: %v", err)
	}
	return n
}

// replay runs recorded statements on a new database, and says how many bytes
// were written for them.
func replay(b *testing.B, steps []step) (took time.Duration, wrote int64) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bare.db")
	s, err := Open(b.Context(), path, Options{Zone: "UTC"})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	c, err := (&sqlite3.SQLiteDriver{}).Open(writeDSN(path))
	if err != nil {
		b.Fatal(err)
	}
	statements := map[string]prepared{}
	for _, step := range steps {
		if statements[step.sql] == nil {
			p, err := c.Prepare(step.sql)
			if err != nil {
				b.Fatal(err)
			}
			statements[step.sql] = p.(prepared)
		}
	}
	before, began := handed(b), time.Now()
	for i := range steps {
		if err := steps[i].run(statements[steps[i].sql]); err != nil {
			b.Fatal(err)
		}
	}
	took, wrote = time.Since(began), handed(b)-before
	for _, p := range statements {
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		b.Fatal(err)
	}
	return took, wrote
}

// step is one statement as the writer ran it.
type step struct {
	sql   string
	args  []driver.NamedValue
	query bool
}

func (s *step) run(p prepared) error {
	if !s.query {
		_, err := p.ExecContext(context.Background(), s.args)
		return err
	}
	rows, err := p.QueryContext(context.Background(), s.args)
	if err != nil {
		return err
	}
	return drain(rows, func([]driver.Value) {})
}

// recorder is a driver that notes what is run.
type recorder struct{ steps []step }

type recordedConn struct {
	*sqlite3.SQLiteConn
	to *recorder
}

type recordedStatement struct {
	prepared
	sql string
	to  *recorder
}

// commits counts the transactions among what was run.
func (r *recorder) commits() (n int) {
	for _, step := range r.steps {
		if step.sql == "COMMIT" {
			n++
		}
	}
	return n
}

func (r *recorder) open(dsn string) (driver.Conn, error) {
	c, err := (&sqlite3.SQLiteDriver{}).Open(dsn)
	if err != nil {
		return nil, err
	}
	return recordedConn{c.(*sqlite3.SQLiteConn), r}, nil
}

func (c recordedConn) Prepare(sql string) (driver.Stmt, error) {
	p, err := c.SQLiteConn.Prepare(sql)
	if err != nil {
		return nil, err
	}
	return recordedStatement{p.(prepared), sql, c.to}, nil
}

func (s recordedStatement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.to.steps = append(s.to.steps, step{s.sql, slices.Clone(args), false})
	return s.prepared.ExecContext(ctx, args)
}

func (s recordedStatement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.to.steps = append(s.to.steps, step{s.sql, slices.Clone(args), true})
	return s.prepared.QueryContext(ctx, args)
}

// BenchmarkWriteAll writes whole surveys as those do who invent calls.
func BenchmarkWriteAll(b *testing.B) {
	for _, size := range []int{500, 5000, 20000} {
		b.Run(fmt.Sprintf("records=%d", size), func(b *testing.B) {
			s := openBench(b, Options{})
			records := make([]scoring.Record, size)
			b.ReportAllocs()
			b.ResetTimer()
			for n := 0; n < b.N; n += size {
				b.StopTimer()
				for i := range records {
					records[i] = storetest.Whole(n + i)
				}
				b.StartTimer()
				if err := s.WriteAll(b.Context(), records[:min(size, b.N-n)]); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "surveys/s")
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
