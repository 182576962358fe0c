package centre

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// ownLimit gives the callers of two queues a limit of the operator's own, in
// s, and logs what is left of it behind the survey.
func ownLimit(dialplan string) string {
	const keep, back = " same => n,Set(AFTERCALL_LIMIT=", " same => n(out),Return()"
	return strings.NewReplacer(
		keep, " same => n,ExecIf($[\"${ARG1}\"=\"limit-passes\"]?Set(TIMEOUT(absolute)=2))\n"+
			" same => n,ExecIf($[\"${ARG1}\"=\"limit-is-long\"]?Set(TIMEOUT(absolute)=100))\n"+keep,
		back, " same => n,Log(NOTICE,${ARG1} has ${TIMEOUT(absolute)} s left)\n"+back,
	).Replace(dialplan)
}

// A limit of the operator's own is put back behind the survey. One that passed
// meanwhile ends the call soon; it does not become none.
func TestOwnLimit(t *testing.T) {
	t.Parallel()
	rows := []row{{name: "limit passes"}, {name: "limit is long"}, {name: "no limit"}}
	for i := range rows {
		rows[i].acts = `[{after_part: 4, press: "1"}]` // more than 2 s
		rows[i].want = []string{"1: habit rated satisfied 3 by 1, reading 1, heard 3; key 1 accepted; completed"}
	}
	c := openRows(t, rows, Options{Agents: len(rows), Dialled: ownLimit})
	t.Run("row", func(t *testing.T) {
		for _, r := range rows {
			t.Run(r.name, func(t *testing.T) {
				t.Parallel()
				c.play(t, r)
			})
		}
	})
	log, err := os.ReadFile(c.Asterisk.LogFile)
	if err != nil {
		t.Fatal(err)
	}
	for queue, want := range map[string][2]float64{"limit-passes": {0.5, 1}, "limit-is-long": {60, 98}, "no-limit": {0, 0}} {
		m := regexp.MustCompile(queue + ` has ([\d.]+) s left`).FindSubmatch(log)
		if m == nil {
			t.Errorf("%s: did not come back from the survey", queue)
			continue
		}
		left, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil || left < want[0] || left > want[1] {
			t.Errorf("%s: %s s left, want %v", queue, m[1], want)
		}
	}
}
