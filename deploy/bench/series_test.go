package bench

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5}} {
		was := slices.Clone(c.values)
		if got := (Series{Values: c.values}).Median(); got != c.want {
			t.Errorf("median of %v is %v, want %v", c.values, got, c.want)
		}
		if !slices.Equal(was, c.values) {
			t.Errorf("%v became %v: the rounds must keep their order", was, c.values)
		}
	}
	if got := (Series{}).Median(); !math.IsNaN(got) {
		t.Errorf("median of nothing is %v, want none", got)
	}
}

func TestPrint(t *testing.T) {
	a := Series{Name: "a", Unit: "ms", Values: []float64{10, 30, 20}}
	b := Series{Name: "b", Unit: "ms", Values: []float64{12, 33, 1234567}}
	r := Ratio("b to a", b, a)
	if diff := cmp.Diff([]float64{1.2, 1.1, 1234567. / 20}, r.Values); diff != "" {
		t.Errorf("ratio by rounds (-want +got):\n%s", diff)
	}
	r.AtMost, b.AtLeast = 1.15, 33
	var out strings.Builder
	if err := (&Suite{Out: &out}).Print("of a and b", a, b, r, Series{Name: "none"}); err != nil {
		t.Fatal(err)
	}
	want := `
of a and b
  figure  median  lowest  highest  n  unit  to reach
  a       20      10      30       3  ms    
  b       33      12      1234567  3  ms    at least 33: reached
  b to a  1.2     1.1     61728    3        at most 1.15: NOT REACHED
  none    -       -       -        0        
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestReadBenchmarks(t *testing.T) {
	r := Results{}
	for range 2 {
		if err := r.read(strings.NewReader("goos: linux\nBenchmarkX/calls=1-2  \t100\t 12.5 ns/op\t 7 surveys/s\nPASS\n")); err != nil {
			t.Fatal(err)
		}
	}
	got, err := r.Of("X/calls=1", "surveys/s", "pairs", "surveys", 2)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Series{Name: "pairs", Unit: "surveys", Values: []float64{14, 14}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := r.Of("Y", "sec/op", "", "", 1); err == nil || !strings.Contains(err.Error(), "X/calls=1 surveys/s") {
		t.Errorf("a benchmark that did not run: %v, want an error that says which did", err)
	}
}

func TestCPU(t *testing.T) {
	before, err := CPU(1)
	if err != nil || before <= 0 {
		t.Errorf("CPU time of the first process: %v, %v", before, err)
	}
	if _, err := CPU(1 << 22); err == nil {
		t.Error("a process that is not there has CPU time")
	}
}
