package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"aftercall/scoring"
)

// EpochList gives the epochs of one question, or of all ("" ), oldest first.
// An epoch ends when the next of its queue and question begins. One whose
// split cannot be read has no arms.
func (s *Store) EpochList(ctx context.Context, question string) ([]scoring.Epoch, error) {
	var list []scoring.Epoch
	err := scan(ctx, s.readers, func(r *sql.Rows) error {
		var e scoring.Epoch
		var split string
		var started int64
		var ended sql.NullInt64
		err := r.Scan(&e.ID, &e.Queue, &e.Question, &split, &started, &ended)
		e.StartedAt = instant(started)
		if ended.Valid {
			at := instant(ended.Int64)
			e.EndedAt = &at
		}
		e.Experiment, e.Seed, e.Arms = readSplit(split)
		list = append(list, e)
		return err
	}, `SELECT id, queue, question, split, started_at, lead(started_at) OVER (PARTITION BY queue, question ORDER BY id)
		FROM epochs WHERE ? IN ('', question) ORDER BY id`, question)
	return list, translate("read epochs from", s.path, err)
}

// readSplit reads what Split.Arms holds; nothing if it is of another form.
func readSplit(text string) (experiment, seed string, arms []scoring.EpochArm) {
	var split struct {
		Experiment string             `json:"experiment"`
		Seed       string             `json:"seed"`
		Arms       []scoring.EpochArm `json:"arms"`
	}
	if err := json.Unmarshal([]byte(text), &split); err != nil {
		return "", "", nil
	}
	return split.Experiment, split.Seed, split.Arms
}

// LayoutList gives every version of every layout that was kept, oldest first.
func (s *Store) LayoutList(ctx context.Context) ([]scoring.Layout, error) {
	var list []scoring.Layout
	err := scan(ctx, s.readers, func(r *sql.Rows) error {
		var l scoring.Layout
		var definition string
		err := r.Scan(&l.Version, &l.Name, &l.Question, &definition)
		l.Definition = json.RawMessage(definition)
		list = append(list, l)
		return err
	}, `SELECT version, name, question, definition FROM layouts ORDER BY rowid`)
	return list, translate("read layouts from", s.path, err)
}
