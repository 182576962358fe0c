package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// Holding is what a database holds.
type Holding struct {
	Schema    int64     `json:"schema"`
	Zone      string    `json:"time_zone"`
	Invented  bool      `json:"invented,omitempty"` // calls that nobody made
	Calls     int64     `json:"calls"`
	FirstCall time.Time `json:"first_call"` // when the earliest entered; zero = no calls
	LastCall  time.Time `json:"last_call"`
}

// Flaw is the closed list of what can be wrong with a database that is to be
// restored.
type Flaw string

const (
	Damaged     Flaw = "damaged"      // Detail: what SQLite says of it
	Orphans     Flaw = "orphans"      // N rows that belong to none
	NoStore     Flaw = "no_store"     // a database without our tables
	Newer       Flaw = "newer"        // schema N, of a newer program
	OtherZone   Flaw = "other_zone"   // Detail: its time zone
	OffRollups  Flaw = "off_rollups"  // N cells of the roll-ups are not as the rows say
	ShortTotals Flaw = "short_totals" // N totals are lower than what was counted
)

// Fault is one thing that is wrong with a database.
type Fault struct {
	Flaw   Flaw   `json:"flaw"`
	Detail string `json:"detail,omitempty"`
	N      int64  `json:"n,omitempty"`
}

// Examination is what was found out about a database.
type Examination struct {
	Holding
	Older  bool    `json:"older"` // its tables must be changed first; roll-ups and totals were not looked at
	Faults []Fault `json:"faults"`
}

// Curable tells whether nothing is wrong that a recount, or the calls to come,
// would not make good.
func (x Examination) Curable() bool {
	for _, f := range x.Faults {
		if f.Flaw != OffRollups && f.Flaw != ShortTotals {
			return false
		}
	}
	return true
}

// Examine finds out whether the database at path, which nothing should write
// meanwhile, could be restored where days are days of zone. It changes
// nothing, and takes as long as reading all of it. Errors are those of ctx,
// fs.ErrNotExist, or what keeps the file from being read at all.
func Examine(ctx context.Context, path, zone string) (x Examination, err error) {
	x.Faults = []Fault{}
	if info, err := os.Stat(path); err != nil {
		return x, fmt.Errorf("examine database %q: %w", path, err)
	} else if !info.Mode().IsRegular() {
		return x, fmt.Errorf("examine database %q: %w: it is no file", path, fs.ErrInvalid)
	}
	db, err := openStill(ctx, path)
	if errors.Is(err, ErrCorrupt) {
		x.Faults = append(x.Faults, Fault{Flaw: Damaged, Detail: err.Error()})
		return x, nil
	}
	if err != nil {
		return x, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = x.examine(ctx, db, zone)
	if err = translate("examine database", path, err); errors.Is(err, ErrCorrupt) {
		x.Faults = append(x.Faults, Fault{Flaw: Damaged, Detail: err.Error()})
		return x, nil
	}
	return x, err
}

func (x *Examination) examine(ctx context.Context, db *sql.DB, zone string) (err error) {
	known, err := knownSchema()
	if err != nil {
		return err
	}
	if x.Schema, err = schemaVersion(ctx, db); err != nil {
		return err
	}
	x.Older = x.Schema < known
	switch {
	case x.Schema == 0:
		x.Faults = append(x.Faults, Fault{Flaw: NoStore})
		return nil
	case x.Schema > known:
		x.Faults = append(x.Faults, Fault{Flaw: Newer, N: x.Schema})
		return nil
	}
	if err := x.intact(ctx, db); err != nil || len(x.Faults) > 0 {
		return err
	}
	if x.Holding, err = holding(ctx, db); err != nil {
		return err
	}
	if x.Zone != zone {
		x.Faults = append(x.Faults, Fault{Flaw: OtherZone, Detail: x.Zone})
	}
	if x.Older {
		return nil
	}
	return x.figures(ctx, db)
}

// intact has SQLite look at every page, index and reference.
func (x *Examination) intact(ctx context.Context, db *sql.DB) error {
	const most = 5 // of the faults that SQLite names
	err := scan(ctx, db, func(r *sql.Rows) error {
		var said string
		err := r.Scan(&said)
		if err == nil && said != "ok" {
			x.Faults = append(x.Faults, Fault{Flaw: Damaged, Detail: said})
		}
		return err
	}, fmt.Sprintf(`PRAGMA integrity_check(%d)`, most))
	if err != nil || len(x.Faults) > 0 {
		return err
	}
	var n int64
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM pragma_foreign_key_check`).Scan(&n)
	if n > 0 {
		x.Faults = append(x.Faults, Fault{Flaw: Orphans, N: n})
	}
	return err
}

// figures holds roll-ups against rows, and totals against roll-ups. The tables
// are those of this program.
func (x *Examination) figures(ctx context.Context, db *sql.DB) error {
	var off, short int64
	for _, r := range rollups {
		n, err := deviating(ctx, db, r)
		if err != nil {
			return err
		}
		off += n
	}
	if off > 0 {
		x.Faults = append(x.Faults, Fault{Flaw: OffRollups, N: off})
	}
	err := db.QueryRowContext(ctx, shortTotals).Scan(&short)
	if short > 0 {
		x.Faults = append(x.Faults, Fault{Flaw: ShortTotals, N: short})
	}
	return err
}

// deviating counts the cells of a roll-up that are not as the rows say. It
// needs a pool of one connection, and leaves nothing.
func deviating(ctx context.Context, db *sql.DB, r rollup) (cells int64, err error) {
	if _, err := db.ExecContext(ctx, `CREATE TEMP TABLE fresh AS `+r.whole()); err != nil {
		return 0, err
	}
	err = db.QueryRowContext(ctx, differing(r.table, r.key)).Scan(&cells)
	_, dropped := db.ExecContext(ctx, `DROP TABLE temp.fresh`)
	return cells, errors.Join(err, dropped)
}

// shortTotals counts the totals that are lower than the roll-ups, which no
// history leaves: of agents, counted with those who were merged into them, and
// of layouts that are known by name. A rating is counted by its verdict.
const shortTotals = `WITH
	agent_totals AS (SELECT coalesce(nullif(a.merged_into, ''), t.agent) AS agent, label, sum(n) AS n
		FROM totals t LEFT JOIN agents a ON a.id = t.agent
		WHERE kind = 'agent_verdict' OR kind = 'agent_outcome' AND label <> 'rated' GROUP BY 1, 2),
	layout_totals AS (SELECT question, layout, queue, label, sum(n) AS n FROM totals
		WHERE kind = 'layout_verdict' OR kind = 'layout_outcome' AND label <> 'rated' GROUP BY 1, 2, 3, 4)
	SELECT (SELECT count(*) FROM (SELECT agent, result, sum(n) AS n FROM agent_day GROUP BY 1, 2) r
			LEFT JOIN agent_totals t ON t.agent = r.agent AND t.label = r.result WHERE coalesce(t.n, 0) < r.n)
		+ (SELECT count(*) FROM (SELECT d.question, l.name, queue, result, sum(n) AS n FROM counts_day d
				JOIN layouts l ON l.version = d.version GROUP BY 1, 2, 3, 4) r
			LEFT JOIN layout_totals t ON t.question = r.question AND t.layout = r.name AND t.queue = r.queue AND t.label = r.result
			WHERE coalesce(t.n, 0) < r.n)`

// holding reads what a database of any schema holds.
func holding(ctx context.Context, db *sql.DB) (h Holding, err error) {
	if h.Schema, err = schemaVersion(ctx, db); err != nil {
		return h, err
	}
	var first, last sql.NullInt64
	err = db.QueryRowContext(ctx, `SELECT coalesce((SELECT value FROM meta WHERE key = 'zone'), ''),
		EXISTS (SELECT 1 FROM meta WHERE key = 'synthetic'), count(*), min(started_at), max(started_at) FROM calls`).
		Scan(&h.Zone, &h.Invented, &h.Calls, &first, &last)
	if first.Valid {
		h.FirstCall, h.LastCall = instant(first.Int64), instant(last.Int64)
	}
	return h, err
}
