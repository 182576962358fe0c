package survey

import (
	"testing"
	"time"

	"aftercall/scoring"
)

// TestTakenByTheTimeLimit: when the service was frozen until the dialplan's
// time limit took the caller, the first thing it hears is that the caller
// left. That is a fault of ours, not a hang-up.
func TestTakenByTheTimeLimit(t *testing.T) {
	p := plans(t)["one"]
	begin := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	for after, want := range map[time.Duration]scoring.Answer{
		p.Longest() + OverSlack - time.Millisecond: {Outcome: scoring.HungUp},
		p.Longest() + OverSlack:                    {Outcome: scoring.Failed},
	} {
		s, _ := New(begin, p)
		out := s.Step(begin.Add(after), Left{Reason: scoring.CallerLeft})
		save, ok := out[0].(Save)
		if !ok || len(out) != 1 || len(save.Answers) != 1 || save.Answers[0].Outcome != want.Outcome || !s.Done() {
			t.Errorf("left after %s: %+v, want one save with outcome %s", after, out, want.Outcome)
		}
	}
}

// A caller whom the dialplan's limit takes because Asterisk's clock was set
// forward did not hang up.
func TestTakenByAClockSetForward(t *testing.T) {
	for _, c := range []struct {
		late time.Duration
		want scoring.Outcome
		why  scoring.Reason
	}{
		{0, scoring.HungUp, scoring.CallerLeft}, {5 * time.Second, scoring.HungUp, scoring.CallerLeft}, {time.Hour, scoring.Failed, scoring.Overdue},
	} {
		now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		s, _ := New(now, plans(t)["one"])
		out := s.Step(now.Add(time.Second), Left{Reason: scoring.CallerLeft, Late: c.late})
		save := out[len(out)-1].(Save)
		if save.Answers[0].Outcome != c.want || save.End.Reason != c.why || !save.End.At.Equal(now.Add(time.Second)) {
			t.Errorf("%s late: %+v, end %+v, want %s and %s after 1 s", c.late, save.Answers, save.End, c.want, c.why)
		}
	}
}
