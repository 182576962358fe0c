package scoring

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var morning = time.Date(2026, 3, 28, 22, 30, 0, 0, time.UTC)

// sound gives a record with every part, without a fault.
func sound() Record {
	return Record{
		ID:          CallID{UniqueID: "node1-17.3", Visit: 1},
		Call:        &Call{Queue: "support", Agent: Agent{ID: "wf"}, StartedAt: morning, Day: "2026-03-28"},
		Assignments: []Assignment{{Question: "service", Position: 1, Layout: "habit", Version: "v"}},
		Answers:     []Answer{{Question: "service", Outcome: Rated, Verdict: "fair", Entry: "2"}},
		Keypresses:  []Keypress{{Seq: 1, Key: "2", Use: Accepted}},
		End:         &End{Reason: Completed, At: morning},
	}
}

func TestCheck(t *testing.T) {
	const outcomes = "[rated error hangup invalid no_input not_reached]"
	for _, c := range []struct {
		name   string
		change func(*Record)
		want   string // behind "call …: invalid record: "; "" = no fault
	}{
		{"whole", func(*Record) {}, ""},
		{"id alone", func(r *Record) { *r = Record{ID: r.ID} }, ""},
		{"end alone", func(r *Record) { *r = Record{ID: r.ID, End: r.End} }, ""},
		{"longest id", func(r *Record) { r.ID.UniqueID = strings.Repeat("x", MaxID) }, ""},
		{"no id", func(r *Record) { r.ID.UniqueID = "" }, "id: want a unique id of 1 to 128 bytes and a visit from 1"},
		{"id too long", func(r *Record) { r.ID.UniqueID = strings.Repeat("x", MaxID+1) }, "id: want a unique id of 1 to 128 bytes and a visit from 1"},
		{"visit 0", func(r *Record) { r.ID.Visit = 0 }, "id: want a unique id of 1 to 128 bytes and a visit from 1"},
		{"assignment alone", func(r *Record) { r.Call = nil }, "assignments without a call, want both in one record"},
		{"no day", func(r *Record) { r.Call.Day = "" }, `day "", want the form 2006-01-02`},
		{"no such day", func(r *Record) { r.Call.Day = "2026-02-29" }, `day "2026-02-29", want the form 2006-01-02`},
		{"no agent", func(r *Record) { r.Call.Agent.ID = "" }, "agent id, queue and start must be set"},
		{"agent with quotes", func(r *Record) { r.Call.Agent.ID = `a"b` }, `agent id "a\"b", want letters, digits, @ / _ . : + * # - and at most 128 bytes`},
		{"agent with a newline", func(r *Record) { r.Call.Agent.ID = "a\nb" }, `agent id "a\nb", want letters, digits, @ / _ . : + * # - and at most 128 bytes`},
		{"agent an emoji", func(r *Record) { r.Call.Agent.ID = "🙂" }, `agent id "🙂", want letters, digits, @ / _ . : + * # - and at most 128 bytes`},
		{"agent too long", func(r *Record) { r.Call.Agent.ID = strings.Repeat("x", 10_000) }, `agent id "` + strings.Repeat("x", 200) + `", want letters, digits, @ / _ . : + * # - and at most 128 bytes`},
		{"no queue", func(r *Record) { r.Call.Queue = "" }, "agent id, queue and start must be set"},
		{"no start", func(r *Record) { r.Call.StartedAt = time.Time{} }, "agent id, queue and start must be set"},
		{"no layout", func(r *Record) { r.Assignments[0].Layout = "" }, `assignment of question "service": question, layout, version and position must be set`},
		{"no version", func(r *Record) { r.Assignments[0].Version = "" }, `assignment of question "service": question, layout, version and position must be set`},
		{"no question", func(r *Record) { r.Assignments[0].Question = "" }, `assignment of question "": question, layout, version and position must be set`},
		{"no position", func(r *Record) { r.Assignments[0].Position = 0 }, `assignment of question "service": question, layout, version and position must be set`},
		{"no outcome", func(r *Record) { r.Answers[0].Outcome = "" }, `question "service": outcome "", want one of ` + outcomes},
		{"unknown outcome", func(r *Record) { r.Answers[0].Outcome = "busy" }, `question "service": outcome "busy", want one of ` + outcomes},
		{"rated without a verdict", func(r *Record) { r.Answers[0].Verdict = "" }, `question "service": outcome "rated" with verdict "" and entry "2"`},
		{"rated without a key", func(r *Record) { r.Answers[0].Entry = "" }, `question "service": outcome "rated" with verdict "fair" and entry ""`},
		{"verdict of a hang-up", func(r *Record) { r.Answers[0] = Answer{Question: "service", Outcome: HungUp, Verdict: "fair"} }, `question "service": outcome "hangup" with verdict "fair" and entry ""`},
		{"key of a hang-up", func(r *Record) { r.Answers[0] = Answer{Question: "service", Outcome: HungUp, Entry: "2"} }, `question "service": outcome "hangup" with verdict "" and entry "2"`},
		{"verdict and key of a silence", func(r *Record) { r.Answers[0].Outcome = NoInput }, `question "service": outcome "no_input" with verdict "fair" and entry "2"`},
		{"pressed before the reading", func(r *Record) { r.Answers[0].PressMS = -1 }, `question "service": negative reading, press time or options heard`},
		{"negative reading", func(r *Record) { r.Answers[0].Reading = -1 }, `question "service": negative reading, press time or options heard`},
		{"negative options", func(r *Record) { r.Answers[0].Heard = -1 }, `question "service": negative reading, press time or options heard`},
		{"key without a number", func(r *Record) { r.Keypresses[0].Seq = 0 }, `keypress 0 "2": want a sequence number from 1 and a key`},
		{"no key", func(r *Record) { r.Keypresses[0].Key = "" }, `keypress 1 "": want a sequence number from 1 and a key`},
		{"unknown reason", func(r *Record) { r.End.Reason = "tired" }, `end: reason "tired", want one of [completed silent wrong_keys caller_left audio store overdue stopped lost]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := sound()
			c.change(&r)
			err := r.Check()
			if c.want == "" {
				if err != nil {
					t.Errorf("fault %v, want none", err)
				}
				return
			}
			if want := "call " + r.ID.String() + ": invalid record: " + c.want; !errors.Is(err, ErrInvalid) || err.Error() != want {
				t.Errorf("fault %v, want %s", err, want)
			}
		})
	}
}

// TestEveryOutcomeAndReason: what the lists hold can be stored.
func TestEveryOutcomeAndReason(t *testing.T) {
	for _, o := range Outcomes {
		r := sound()
		if o != Rated {
			r.Answers[0] = Answer{Question: "service", Outcome: o}
		}
		if err := r.Check(); err != nil {
			t.Errorf("outcome %s: %v", o, err)
		}
	}
	for _, reason := range Reasons {
		r := sound()
		r.End.Reason = reason
		if err := r.Check(); err != nil {
			t.Errorf("reason %s: %v", reason, err)
		}
	}
}

// TestDay: the civil date of the site, also on the days that have 23 and 25
// hours.
func TestDay(t *testing.T) {
	for _, c := range []struct {
		zone string
		at   time.Time
		want string
	}{
		{"UTC", morning, "2026-03-28"},
		{"Asia/Shanghai", morning, "2026-03-29"},
		{"Europe/Berlin", time.Date(2026, 3, 28, 22, 59, 59, 0, time.UTC), "2026-03-28"}, // the day before the short one
		{"Europe/Berlin", time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC), "2026-03-29"},
		{"Europe/Berlin", time.Date(2026, 3, 29, 21, 59, 59, 0, time.UTC), "2026-03-29"}, // 23 hours later, less a second
		{"Europe/Berlin", time.Date(2026, 3, 29, 22, 0, 0, 0, time.UTC), "2026-03-30"},
		{"Europe/Berlin", time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC), "2026-10-25"},
		{"Europe/Berlin", time.Date(2026, 10, 25, 22, 59, 59, 0, time.UTC), "2026-10-25"}, // 25 hours later, less a second
		{"Europe/Berlin", time.Date(2026, 10, 25, 23, 0, 0, 0, time.UTC), "2026-10-26"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := Day(c.at, zone); got != c.want {
			t.Errorf("day of %s in %s = %s, want %s", c.at, c.zone, got, c.want)
		}
	}
}

// TestSecondsBucket: a bucket holds what lies above its lower bound, up to
// and with its upper one.
func TestSecondsBucket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.OneOf(rapid.Int64Range(1, 100_000), rapid.Int64Range(1, math.MaxInt64)).Draw(t, "ms")
		i := SecondsBucket(ms)
		s := float64(ms) / 1000
		if s > math.Exp2(float64(i)/8) || s <= math.Exp2(float64(i-1)/8) {
			t.Fatalf("%d ms in bucket %d, whose bounds are %v and %v s", ms, i, math.Exp2(float64(i-1)/8), math.Exp2(float64(i)/8))
		}
		if next := SecondsBucket(ms + 1); ms < math.MaxInt64 && next < i {
			t.Fatalf("%d ms in bucket %d, a ms more in %d", ms, i, next)
		}
	})
}

func TestSecondsBucketAtBounds(t *testing.T) {
	for ms, want := range map[int64]int{
		1000: 0, 1001: 1, 2000: 8, 2001: 9, 4000: 16, 64_000: 48, 64_001: 49, 500: -8, 501: -7, 250: -16, 125: -24,
		1: -79, 0: -79, -5: -79, // at most 1 ms: 2^(-79/8) s is 1.07 ms
	} {
		if got := SecondsBucket(ms); got != want {
			t.Errorf("SecondsBucket(%d) = %d, want %d", ms, got, want)
		}
	}
}

func TestValid(t *testing.T) {
	valid := map[Use]bool{Accepted: true, TakenBack: true, Action: true, Wrong: false, Early: false, Late: false}
	for _, use := range Uses {
		want, listed := valid[use]
		if !listed {
			t.Errorf("use %s: not said whether it is valid", use)
		}
		if got := (Keypress{Use: use}).Valid(); got != want {
			t.Errorf("a key of use %s: valid %v, want %v", use, got, want)
		}
	}
}
