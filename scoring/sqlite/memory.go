package sqlite

import (
	"database/sql/driver"

	"aftercall/scoring"
)

// refresh takes note of what another program wrote: it may have removed calls
// that are remembered here, or moved totals.
func (w *writer) refresh() error {
	var version int64
	err := w.conn.version.each(func(row []driver.Value) { version = row[0].(int64) })
	if err != nil || version == w.version {
		return err
	}
	w.version = version
	clear(w.calls)
	return w.load()
}

func (w *writer) load() error {
	err := w.conn.lastCall.each(func(row []driver.Value) { w.lastCall = row[0].(int64) })
	if err != nil {
		return err
	}
	order, err := w.loadAgents()
	if err != nil {
		return err
	}
	fresh := newTotals()
	for _, id := range order {
		fresh.agent(id)
	}
	err = w.conn.allTotals.each(func(row []driver.Value) {
		fresh.add(scoring.Series{Kind: scoring.Kind(row[0].(string)), Question: row[1].(string), Layout: row[2].(string),
			Queue: row[3].(string), Agent: row[4].(string), Label: row[5].(string)}, row[6].(int64))
	})
	if err == nil {
		w.totals.take(fresh)
	}
	return err
}
