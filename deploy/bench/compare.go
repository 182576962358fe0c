package bench

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// reads measures the two commands that read roll-ups, from the command line to
// the last byte: aftercall compare of the experiment of a store's three layouts,
// and aftercall agents, which marks 500 agents by their last 30 days. The stores
// hold ten times as many surveys each time, and nearly as many cells: beside
// the times stands how many cells the commands go through. What they read is in the
// page cache, but for one figure, before which the kernel is asked to forget
// the store. 30 million surveys are ten times the same 3 million, so that
// these two stores have the same cells.
var reads = Part{"compare", "what compare and agents cost, by surveys in the store", func(ctx context.Context, s *Suite) error {
	var all []*reading
	for _, surveys := range Pick(s, []int{300_000, 3_000_000, 30_000_000}, []int{600, 6000}) {
		path, err := s.Invented(ctx, surveys)
		if err != nil {
			return err
		}
		r := &reading{store: path, took: map[string]*Series{}}
		if err := r.count(ctx); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, r)
	}
	for round := range s.Rounds {
		s.Say("compare and agents: round %d of %d", round+1, s.Rounds)
		for _, r := range all {
			if err := r.round(ctx, s); err != nil {
				return fmt.Errorf("%s: %w", r.store, err)
			}
		}
	}
	for i, r := range all {
		if err := r.print(s, all[0], i); err != nil {
			return err
		}
	}
	return nil
}}

// reading is what was measured of one store.
type reading struct {
	store                      string
	surveys, compared, ofAgent int // rows of calls; cells that compare and agents go through
	took                       map[string]*Series
}

// count reads how much a store holds. What the commands go through: all cells
// of the experiment by day and by agent; agents' days of the last 30 and, to
// see how steady marks are, of the first half of them again.
func (r *reading) count(ctx context.Context) (err error) {
	db, err := sql.Open("sqlite3", "file:"+r.store+"?mode=ro")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.QueryRowContext(ctx, `SELECT (SELECT sum(n) FROM agent_day), (SELECT count(*) FROM counts_day) + (SELECT count(*) FROM counts_agent),
		(SELECT sum(1 + (day <= date(last, '-15 days'))) FROM agent_day, (SELECT max(last_day) AS last FROM agents) WHERE day >= date(last, '-29 days'))`).
		Scan(&r.surveys, &r.compared, &r.ofAgent)
}

const (
	warmCompare = "compare"
	coldCompare = "compare, store not in the page cache"
	warmAgents  = "agents"
)

func (r *reading) round(ctx context.Context, s *Suite) error {
	if err := forgotten(r.store); err != nil {
		return err
	}
	for _, c := range []struct {
		name  string // "" = only to have its pages read
		args  []string
		wants []string
	}{
		{coldCompare, []string{"compare", "synthetic"}, []string{"habit", "worst-first", "gap"}},
		{warmCompare, []string{"compare", "synthetic"}, []string{"habit", "worst-first", "gap"}},
		{"", []string{"agents"}, []string{"agent-"}},
		{warmAgents, []string{"agents"}, []string{"agent-"}},
	} {
		cmd := s.aftercall(ctx, r.store, c.args...)
		var out, log bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &log
		began := time.Now()
		err := cmd.Run()
		took := time.Since(began)
		if err != nil {
			return fmt.Errorf("aftercall %s: %w\n%s", strings.Join(c.args, " "), err, &log)
		}
		for _, want := range c.wants {
			if !strings.Contains(out.String(), want) {
				return fmt.Errorf("aftercall %s says nothing of %s in %d bytes", strings.Join(c.args, " "), want, out.Len())
			}
		}
		if c.name == "" {
			continue
		}
		if r.took[c.name] == nil {
			r.took[c.name] = &Series{Name: c.name, Unit: "ms"}
		}
		r.took[c.name].Add(ms(took))
	}
	return nil
}

// forgotten has the kernel forget what it holds of a file that nobody writes.
func forgotten(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil { // it forgets only what is on the disk
		return err
	}
	if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		return fmt.Errorf("forget %s: %w", path, err)
	}
	return nil
}

// print prints the table of the i-th store, beside the first.
func (r *reading) print(s *Suite, first *reading, i int) error {
	compare, cold, agents := *r.took[warmCompare], *r.took[coldCompare], *r.took[warmAgents]
	if i == 1 {
		compare.AtMost = 1000 // 3 million surveys
	}
	all := []Series{compare, cold, agents}
	if i > 0 {
		all = append(all, Ratio("compare, to the first store", compare, *first.took[warmCompare]), Ratio("agents, to the first store", agents, *first.took[warmAgents]))
	}
	title := fmt.Sprintf("%d surveys: compare goes through %d cells, agents through %d", r.surveys, r.compared, r.ofAgent)
	if i > 0 {
		title += fmt.Sprintf("; %.1f times the surveys of the first store, %.2f and %.2f times the cells", float64(r.surveys)/float64(first.surveys),
			float64(r.compared)/float64(first.compared), float64(r.ofAgent)/float64(first.ofAgent))
	}
	return s.Print(title, all...)
}
