package sqlite

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/scoring"
)

// cells fills the roll-ups as 90 days of a centre with 500 agents, 5 queues
// and 3 layouts do: 62,100 cells by day and 28,500 by agent. It gives the
// epochs, of which there are 3 to a queue.
func cells(t testing.TB, s *Store) []int64 {
	t.Helper()
	var ids []int64
	for n := range 3 {
		var splits []scoring.Split
		for queue := range 5 {
			splits = append(splits, scoring.Split{Queue: fmt.Sprintf("queue%d", queue), Question: "service",
				Arms: fmt.Sprintf(`{"seed":"s","arms":[{"layout":"habit","version":"habit-0a1b2c3d4e5f","weight":%d}]}`, n)})
		}
		more, err := s.Epochs(t.Context(), splits, time.Date(2026, 1, 1+30*n, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, more...)
	}
	err := s.task(t.Context(), "fill", func(c *conn, _ *batch) error {
		for _, fill := range []string{
			`INSERT INTO counts_day SELECT 'queue' || q.value, 1 + q.value + 5 * (d.value / 30), date('2026-01-01', d.value || ' days'),
				v.value, l.value, 'service', r.value, h.value, 1 + (d.value * 7 + h.value) % 90
				FROM json_each('[0,1,2,3,4]') q, generate d, versions v, json_each('["en","zh-CN"]') l, results r, generate h
				WHERE d.value < 90 AND h.value < r.heard`,
			`INSERT INTO counts_agent SELECT 'queue' || (a.value % 5), 1 + a.value % 5, 'agent' || a.value,
				v.value, 'en', 'service', r.value, h.value, 1 + (a.value * 7 + h.value) % 90
				FROM generate a, versions v, results r, generate h
				WHERE a.value < 500 AND h.value < r.heard AND r.value <> 'error' AND r.value <> 'invalid'`,
		} {
			_, err := c.run(t.Context(), `WITH RECURSIVE generate(value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM generate WHERE value < 499),
				versions AS (SELECT value FROM json_each('["habit-0a1b2c3d4e5f","gap-0a1b2c3d4e5f","strict-0a1b2c3d4e5f"]')),
				results(value, heard) AS (VALUES ('satisfied', 4), ('fair', 4), ('dissatisfied', 4), ('hangup', 4),
					('no_input', 3), ('invalid', 3), ('error', 1)) `+fill)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// With epochs given, the roll-ups are entered by their key: nothing is read
// that is not of these epochs, however old the store is. And never is anything
// sorted.
func TestCountsReadNoMoreThanAsked(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"), Options{})
	cells(t, s)
	whole := scoring.CountQuery{Question: "service", Versions: []string{"habit-0a1b2c3d4e5f"}}
	some := whole
	some.Epochs = []int64{2, 3, 11}
	dated := some
	dated.From, dated.To = "2026-01-01", "2026-02-01"
	one := some
	one.Queue = "queue1"
	for name, c := range map[string]struct {
		query func(scoring.CountQuery) (string, []driver.Value, error)
		q     scoring.CountQuery
		want  string // how the roll-up is read
	}{
		"days":                {dayQuery, whole, "SCAN c"},
		"days of epochs":      {dayQuery, some, "SEARCH c USING PRIMARY KEY (queue=? AND epoch=?)"},
		"some days of epochs": {dayQuery, dated, "SEARCH c USING PRIMARY KEY (queue=? AND epoch=? AND day>? AND day<?)"},
		"days of one queue":   {dayQuery, one, "SEARCH c USING PRIMARY KEY (queue=? AND epoch=?)"},
		"agents":              {agentQuery, whole, "SCAN c"},
		"agents of epochs":    {agentQuery, some, "SEARCH c USING PRIMARY KEY (queue=? AND epoch=?)"},
	} {
		t.Run(name, func(t *testing.T) {
			query, args, err := c.query(c.q)
			if err != nil {
				t.Fatal(err)
			}
			var plan []string
			err = s.direct(t.Context(), func(d driver.Conn) error {
				return each(t.Context(), d, func(row []driver.Value) { plan = append(plan, row[3].(string)) }, "EXPLAIN QUERY PLAN "+query, args...)
			})
			if err != nil || !slices.Contains(plan, c.want) || strings.Contains(strings.Join(plan, " "), "TEMP B-TREE") {
				t.Errorf("plan %q, error %v, want %q and nothing sorted", plan, err, c.want)
			}
		})
	}
}

// BenchmarkCounts reads both roll-ups, as a comparison does.
func BenchmarkCounts(b *testing.B) {
	s := openBench(b, Options{})
	ids := cells(b, s)
	for name, q := range map[string]scoring.CountQuery{"all": {Question: "service"}, "epochs": {Question: "service", Epochs: ids}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var days []scoring.DayCount
			var agents []scoring.AgentCount
			for b.Loop() {
				var err, err2 error
				days, err = s.DayCounts(b.Context(), q)
				agents, err2 = s.AgentCounts(b.Context(), q)
				if err := errors.Join(err, err2); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(days)), "days")
			b.ReportMetric(float64(len(agents)), "agents")
		})
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}
