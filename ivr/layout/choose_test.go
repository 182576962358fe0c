package layout

import (
	"fmt"
	"math"
	"testing"
)

// TestChooseShares: 100,000 calls fall on the arms as the weights say. The
// bounds are the 0.1 % points of chi-square; the seed is fixed, so a pass is
// a pass for good.
func TestChooseShares(t *testing.T) {
	const calls = 100_000
	for _, c := range []struct {
		weights []int
		bound   float64
	}{
		{[]int{1, 1}, 10.83}, {[]int{1, 2, 3}, 13.82}, {[]int{10, 0, 90}, 10.83}, {[]int{1, 1, 1, 1, 1, 1}, 20.52}, {[]int{999_999, 1_000_000}, 10.83},
	} {
		var arms []Arm
		sum := 0
		for i, w := range c.weights {
			arms = append(arms, Arm{fmt.Sprint("arm", i), w})
			sum += w
		}
		seen := make([]int, len(arms))
		for i := range calls {
			seen[Choose("seed", "service", fmt.Sprintf("node1-17900%d.%d/1", i/10, i), arms)]++
		}
		var chi float64
		for i, w := range c.weights {
			if w == 0 {
				if seen[i] > 0 {
					t.Errorf("weights %v: arm %d of weight 0 was chosen %d times", c.weights, i, seen[i])
				}
				continue
			}
			want := float64(calls) * float64(w) / float64(sum)
			chi += math.Pow(float64(seen[i])-want, 2) / want
		}
		if chi > c.bound {
			t.Errorf("weights %v: %v calls, chi-square %.2f, want at most %.2f", c.weights, seen, chi, c.bound)
		}
	}
}

// TestChooseIsStable: calls that are in progress or in the store keep their
// layouts with every new version of the program. The values were computed by
// another program from the definition: SHA-256 over length and text of each.
func TestChooseIsStable(t *testing.T) {
	arms := []Arm{{"habit", 1}, {"strict", 1}, {"gap", 2}}
	for _, c := range []struct {
		seed, question, call string
		want                 int
	}{
		{"1", "service", "node1-1.0/1", 2}, {"1", "service", "node1-1.0/2", 2}, {"1", "service", "node1-1.1/1", 2},
		{"2", "service", "node1-1.0/1", 0}, {"1", "resolved", "node1-1.0/1", 1}, {"", "", "", 2},
	} {
		if got := Choose(c.seed, c.question, c.call, arms); got != c.want {
			t.Errorf("Choose(%q, %q, %q) = %d, want %d", c.seed, c.question, c.call, got, c.want)
		}
	}
}

// TestChooseIsFair: what one question got says nothing about the other, nor
// one visit about the next.
func TestChooseIsFair(t *testing.T) {
	arms := []Arm{{"a", 1}, {"b", 1}}
	same, again := 0, 0
	const calls = 20_000
	for i := range calls {
		id := fmt.Sprint("node1-", i, ".0")
		first := Choose("s", "service", id+"/1", arms)
		if first == Choose("s", "resolved", id+"/1", arms) {
			same++
		}
		if first == Choose("s", "service", id+"/2", arms) {
			again++
		}
	}
	// Half of them, within 4 standard deviations.
	for _, n := range []int{same, again} {
		if math.Abs(float64(n)-calls/2) > 4*math.Sqrt(calls)/2 {
			t.Errorf("%d and %d of %d agree, want about half", same, again, calls)
		}
	}
}

// TestChooseOrder: the arms are drawn in their order, so the order is part of
// a split (and begins a new epoch).
func TestChooseOrder(t *testing.T) {
	differ := 0
	for i := range 100 {
		id := fmt.Sprint(i)
		a, b := []Arm{{"x", 1}, {"y", 1}}, []Arm{{"y", 1}, {"x", 1}}
		if a[Choose("s", "q", id, a)] != b[Choose("s", "q", id, b)] {
			differ++
		}
	}
	if differ != 100 {
		t.Errorf("%d of 100 calls change with the order, want all: a half is a half", differ)
	}
}

func TestChooseNothing(t *testing.T) {
	for _, arms := range [][]Arm{nil, {{"a", 0}}, {{"a", 0}, {"b", 0}}, {{"a", -1}}} {
		if got := Choose("s", "q", "c", arms); got != -1 {
			t.Errorf("Choose of %v = %d, want -1", arms, got)
		}
	}
	if got := Choose("s", "q", "c", []Arm{{"a", -5}, {"b", 1}}); got != 1 {
		t.Errorf("a negative weight: arm %d, want 1", got)
	}
}
