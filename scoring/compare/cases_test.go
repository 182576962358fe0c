package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"testing"
)

// referenceCase is one case of testdata/stat_cases.json: what a named
// reference makes of an input.
type referenceCase struct {
	Name   string                     `json:"name"`
	Kind   string                     `json:"kind"`
	Input  json.RawMessage            `json:"input"`
	Expect map[string]json.RawMessage `json:"expect"` // numbers, lists of numbers, null = undefined; "status" is one of ours
	Tol    json.RawMessage            `json:"tol"`    // absolute: a number, or by field with a "default"
}

// findings are what the product makes of the input, by the fields of Expect:
// figure, []figure or Status.
type findings map[string]any

// figure is a number that may be undefined, or only hold as the widest bound.
type figure struct {
	x      float64
	known  bool
	stated bool // it may be compared with a number
}

func known(x float64) figure             { return figure{x, finite(x), finite(x)} }
func value(e Estimate, x float64) figure { return figure{x, e.Known(), e.Known()} }
func end(e Estimate, x float64) figure   { return figure{x, e.Known(), e.Known() || e.Lo < e.Hi} }
func when(status Status, x float64) figure {
	ok := status == OK || status == Degenerate
	return figure{x, ok, ok}
}
func tested(t Test, x float64) figure {
	f := when(t.Status, x)
	f.stated = f.stated || t.DF > 0
	return f
}
func knownAll[T ~[]float64](xs T) []figure {
	all := make([]figure, len(xs))
	for i, x := range xs {
		all[i] = known(x)
	}
	return all
}

// unused are the kinds of which the product has no function.
var unused = []string{
	"bernoulli_cs", "cmh_correlation", "e_process_2x2",
	"jeffreys", "mann_whitney", "normal_mixture", "power_ordinal", "power_two_prop", "proportional_odds",
	"reflex_definition", "sample_size_ordinal", "woolf_homogeneity",
}

// TestCases runs every reference case: those of the file that STAT_CASES names
// (tests run in their own folder, so name it from the root), or the package's.
func TestCases(t *testing.T) {
	name := os.Getenv("STAT_CASES")
	if name == "" {
		name = "testdata/stat_cases.json"
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var cases []referenceCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(cases) == 0 {
		t.Fatalf("%s holds no case", name)
	}
	ran, passed, left := map[string]int{}, map[string]int{}, map[string]int{}
	for _, c := range cases {
		if slices.Contains(unused, c.Kind) {
			left[c.Kind]++
			continue
		}
		ran[c.Kind]++
		if t.Run(c.Kind+"/"+c.Name, c.run) {
			passed[c.Kind]++
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(ran)) {
		t.Logf("%-26s %d of %d passed", kind, passed[kind], ran[kind])
	}
	for _, kind := range slices.Sorted(maps.Keys(left)) {
		t.Logf("%-26s unused: %d cases", kind, left[kind])
	}
}

func (c referenceCase) run(t *testing.T) {
	of, ok := kinds[c.Kind]
	if !ok {
		t.Fatalf("kind %q is neither used nor listed as unused", c.Kind)
	}
	got, err := of(c.Input)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Expect) == 0 {
		t.Fatal("nothing is expected")
	}
	for _, field := range slices.Sorted(maps.Keys(c.Expect)) {
		have, ok := got[field]
		if !ok {
			t.Errorf("%s: expected, but not known to this test", field)
			continue
		}
		tol, err := c.tolerance(field)
		if err == nil {
			err = agree(have, c.Expect[field], tol)
		}
		if err != nil {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func (c referenceCase) tolerance(field string) (float64, error) {
	if c.Tol == nil {
		return 1e-9, nil
	}
	var tol float64
	if json.Unmarshal(c.Tol, &tol) == nil {
		return tol, nil
	}
	var by map[string]float64
	if err := json.Unmarshal(c.Tol, &by); err != nil {
		return 0, fmt.Errorf("tol: %v", err)
	}
	if own, ok := by[field]; ok {
		return own, nil
	}
	if tol, ok := by["default"]; ok {
		return tol, nil
	}
	return 1e-9, nil
}

// agree compares what the product has with what is expected.
func agree(have any, want json.RawMessage, tol float64) error {
	switch have := have.(type) {
	case Status:
		var s Status
		if err := json.Unmarshal(want, &s); err != nil {
			return err
		}
		if s != have {
			return fmt.Errorf("have %q, want %q", have, s)
		}
	case figure:
		var x *float64
		if err := json.Unmarshal(want, &x); err != nil {
			return err
		}
		switch {
		case x == nil && have.known:
			return fmt.Errorf("have %v, want undefined", have.x)
		case x != nil && !have.stated:
			return fmt.Errorf("have undefined, want %v", *x)
		case x != nil && !(math.Abs(have.x-*x) <= tol):
			return fmt.Errorf("have %v, want %v within %v", have.x, *x, tol)
		}
	case []figure:
		var list []json.RawMessage
		if err := json.Unmarshal(want, &list); err != nil {
			return err
		}
		if len(list) != len(have) {
			return fmt.Errorf("have %d figures, want %d", len(have), len(list))
		}
		for i := range list {
			if err := agree(have[i], list[i], tol); err != nil {
				return fmt.Errorf("[%d] %w", i, err)
			}
		}
	default:
		panic(fmt.Sprintf("%T", have))
	}
	return nil
}

// confidence is that of an input, Confidence if it names none.
type confidence struct{ Conf *float64 }

func (c confidence) level() float64 {
	if c.Conf == nil {
		return Confidence
	}
	return *c.Conf
}

// kind makes a runner of a function from its input.
func kind[In any](of func(In) (findings, error)) func(json.RawMessage) (findings, error) {
	return func(text json.RawMessage) (findings, error) {
		var in In
		if err := json.Unmarshal(text, &in); err != nil {
			return nil, err
		}
		return of(in)
	}
}

// surely makes one of a function that no input can fail.
func surely[In any](of func(In) findings) func(json.RawMessage) (findings, error) {
	return kind(func(in In) (findings, error) { return of(in), nil })
}
