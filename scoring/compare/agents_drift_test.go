package compare

import (
	"slices"
	"testing"
)

// TestDrift: half of the agents work in one half of the period each, the rest
// in both. What moves among the same agents is told from better agents coming.
func TestDrift(t *testing.T) {
	for _, c := range []struct {
		name          string
		floor, coming float64 // log odds by which the second half differs: of everybody, of who comes then
		lo, hi        float64
		code          Code
	}{
		{"the floor falls", -0.8, 0, -0.19, -0.09, SatisfiedFell},
		{"the floor rises", 1, 0, 0.06, 0.15, SatisfiedRose},
		{"better agents come", 0, 1.5, -0.03, 0.03, ""},
		{"nothing moves", 0, 0, -0.03, 0.03, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFloor(5, 60, 0.35, 1.5)
			shift := func(agent int, later bool) {
				f.mu[0] = 1.5
				if later {
					f.mu[0] += c.floor
				}
				if agent%3 == 1 {
					f.mu[0] += c.coming
				}
				f.rate(agent, 0, 100)
			}
			for agent := range 60 {
				if agent%3 != 1 {
					shift(agent, false)
				}
			}
			f.in.FirstHalf = slices.Clone(f.in.Cells)
			for agent := range 60 {
				if agent%3 != 0 {
					shift(agent, true)
				}
			}
			out := Agents(f.in)
			if d := out.Drift; !d.Known() || d.Value < c.lo || d.Value > c.hi || d.N != 20*200 {
				t.Errorf("drift %+v, want %v to %v among the 4000 ratings of agents of both halves", d, c.lo, c.hi)
			}
			said := slices.IndexFunc(out.Warnings, func(r Remark) bool { return r.Code == SatisfiedFell || r.Code == SatisfiedRose })
			if (said >= 0) != (c.code != "") || said >= 0 && out.Warnings[said].Code != c.code {
				t.Errorf("warnings %v, want %q", out.Warnings, c.code)
			}
			f.in.FirstHalf = nil
			if out := Agents(f.in); out.Drift.Status != NoData {
				t.Errorf("halves were not told apart, and the drift is %+v", out.Drift)
			}
		})
	}
}
