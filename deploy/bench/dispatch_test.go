package bench

import "testing"

func TestDispatchPart(t *testing.T) {
	const rounds = 1
	rows := played(t, dispatch, rounds)
	for _, r := range rows {
		if r.n != rounds {
			t.Errorf("%+v, want %d rounds", r, rounds)
		}
	}
	if len(rows) != 17 {
		t.Errorf("%d figures, want 12 of events and 5 ratios: %v", len(rows), rows)
	}
}
