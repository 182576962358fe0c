package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"aftercall/scoring"
)

const (
	queueBound = 1024 // records and tasks that may wait
	openBound  = 8192 // calls in progress that are remembered between records
)

// writer owns the one connection that writes. Its goroutine is run, which
// ends when the queue is closed.
type writer struct {
	path    string
	log     *slog.Logger
	connect func(dsn string) (driver.Conn, error)
	totals  *totals
	queue   chan job
	done    chan struct{}

	closing sync.RWMutex // held shared while something is put into the queue
	closed  bool

	mu    sync.Mutex
	state Health

	// What follows belongs to the goroutine.
	conn     *conn // nil = broken, opened again before the next transaction
	file     place
	wal      place
	version  int64 // SQLite's data_version: moves when another program writes
	calls    map[scoring.CallID]*call
	lastCall int64                 // the highest id of a call that was given
	agents   map[string]knownAgent // all of them
	batch    batch
}

func newWriter(path string, o Options, t *totals) *writer {
	return &writer{path: path, log: o.Log, connect: o.connect, totals: t, file: place{name: path}, wal: place{name: path + "-wal"},
		queue: make(chan job, queueBound), done: make(chan struct{}),
		calls: map[scoring.CallID]*call{}, agents: map[string]knownAgent{}, batch: newBatch()}
}

// Write makes a record durable: when it returns nil, the record is on the
// disk. ctx bounds the caller's wait only: a record that was given up may
// still be written, and writing it again changes nothing. The record must not
// be changed afterwards. A patient one is held for 100 ms at most, and not at
// all if ctx ends within 400 ms. Errors wrap scoring.ErrInvalid, scoring.ErrNoCall,
// ErrQueueFull (at once), ErrClosed, the error of ctx, or what the file
// suffers from (ErrBusy, ErrFull, ErrReadOnly, ErrCorrupt, ErrIO, ErrMoved).
func (s *Store) Write(ctx context.Context, r scoring.Record) (scoring.Receipt, error) {
	if err := r.Check(); err != nil {
		return scoring.Receipt{}, err
	}
	if err := checkTwice(r); err != nil {
		return scoring.Receipt{}, err
	}
	return s.submit(ctx, job{record: &r, until: heldUntil(ctx, &r)})
}

// task has the writer run f in a transaction of its own.
func (s *Store) task(ctx context.Context, name string, f func(c *conn, b *batch) error) error {
	_, err := s.submit(ctx, job{task: f, name: name})
	return err
}

func (s *Store) submit(ctx context.Context, j job) (scoring.Receipt, error) {
	if s.writer == nil {
		return scoring.Receipt{}, fmt.Errorf("%s %q: %w: it was opened for reading", j, s.path, ErrReadOnly)
	}
	j.reply = make(chan reply, 1) // one word fits: the writer never waits for who asked
	if err := s.writer.put(j); err != nil {
		return scoring.Receipt{}, fmt.Errorf("%s %q: %w", j, s.path, err)
	}
	select {
	case r := <-j.reply:
		return r.receipt, r.err
	case <-ctx.Done():
		return scoring.Receipt{}, fmt.Errorf("%s %q: not confirmed: %w", j, s.path, ctx.Err())
	}
}

func (w *writer) put(j job) error {
	w.closing.RLock()
	defer w.closing.RUnlock()
	if w.closed {
		return ErrClosed
	}
	select {
	case w.queue <- j:
		return nil
	default:
		w.mu.Lock()
		defer w.mu.Unlock()
		w.state.Refused++
		return ErrQueueFull
	}
}

func (w *writer) close() error {
	w.closing.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.closing.Unlock()
	<-w.done
	return w.drop()
}

func (w *writer) health() Health {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := w.state
	h.Queued, h.Bound = len(w.queue), cap(w.queue)
	return h
}

func (w *writer) run() {
	defer close(w.done)
	for first := range w.queue {
		var records []job
		for _, j := range w.gather(first) {
			if j.record != nil {
				records = append(records, j)
				continue
			}
			w.write(records)
			records = nil
			w.perform(j)
		}
		w.write(records)
	}
}

// write commits records together and answers each. Where the database
// refuses one of them although its checks passed, each gets a transaction of
// its own, so that one bad record never fails its neighbours.
func (w *writer) write(records []job) {
	if len(records) == 0 {
		return
	}
	replies := make([]reply, len(records))
	err := w.transaction("write to", func(c *conn, b *batch) error {
		for i, j := range records {
			receipt, err := w.apply(c, b, j.record)
			if err != nil && !refused(err) {
				return err
			}
			replies[i] = reply{receipt, err}
		}
		return nil
	})
	if errors.Is(err, scoring.ErrInvalid) && len(records) > 1 {
		for i := range records {
			w.write(records[i : i+1])
		}
		return
	}
	for i, j := range records {
		if err != nil {
			replies[i] = reply{err: err}
		}
		j.reply <- replies[i]
	}
}

func (w *writer) perform(j job) {
	if j.task != nil {
		j.reply <- reply{err: w.transaction(j.name, j.task)}
		return
	}
	j.reply <- reply{err: w.outside(j.name, j.direct)}
}

// transaction runs f between BEGIN and COMMIT. After any failure behind BEGIN
// the connection is closed, which undoes what was begun, and opened anew for
// the next transaction: one way back from every fault.
func (w *writer) transaction(name string, f func(c *conn, b *batch) error) (err error) {
	defer func() { w.note(err) }()
	if err := w.inPlace(); err != nil {
		return translate(name, w.path, err)
	}
	if w.conn == nil {
		if err := w.reopen(); err != nil {
			return err
		}
	}
	if err := w.conn.begin.put(); err != nil {
		if translated := translate(name, w.path, err); errors.Is(translated, ErrBusy) {
			return translated
		}
		return errors.Join(translate(name, w.path, err), w.drop())
	}
	w.batch.clear()
	err = w.refresh()
	if err == nil {
		err = f(w.conn, &w.batch)
	}
	if err == nil {
		err = w.batch.flush(w.conn, w.totals)
	}
	if err == nil {
		err = w.flushAgents()
	}
	if err == nil {
		err = w.conn.commit.put()
	}
	if err != nil {
		return errors.Join(translate(name, w.path, err), w.drop())
	}
	w.totals.advance(w.batch.totals, w.batch.agentsIn)
	w.rememberAgents()
	return nil
}

func (w *writer) note(err error) {
	if refused(err) { // which says nothing about the database
		w.refusal(err)
		return
	}
	w.mu.Lock()
	w.state.LastError = err
	if err == nil {
		w.state.LastCommit = time.Now()
	}
	w.mu.Unlock()
	if err != nil {
		w.log.Error("not written", "database", w.path, "error", err)
	}
}

// reopen opens the connection and takes over what the file holds.
func (w *writer) reopen() error {
	d, err := w.connect(writeDSN(w.path))
	if err != nil {
		return translate("open database", w.path, err)
	}
	c, err := newConn(d)
	if err != nil {
		return translate("open database", w.path, err)
	}
	w.conn, w.version = c, -1
	if err := w.refresh(); err != nil {
		return errors.Join(translate("read the totals of", w.path, err), w.drop())
	}
	if err := w.places(); err != nil {
		return errors.Join(fault("open database", w.path, err), w.drop())
	}
	return nil
}

// drop closes the connection and forgets what was learned over it.
func (w *writer) drop() error {
	if w.conn == nil {
		return nil
	}
	clear(w.calls)
	err := w.conn.close()
	w.conn = nil
	return translate("close", w.path, err)
}
