package compare

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// statuses is the closed list.
var statuses = map[Status]bool{
	OK: true, NoData: true, TooFew: true, Degenerate: true, Infinite: true, NoOverlap: true,
	NotConverged: true, SplitFailed: true, NotComparable: true,
}

// sound walks whatever a function gave: every number must be one, every status
// of the list, every p from 0 to 1, every interval in order.
func sound(t *rapid.T, where string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Float64:
		if !finite(v.Float()) {
			t.Fatalf("%s is %v", where, v.Float())
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			sound(t, fmt.Sprintf("%s[%d]", where, i), v.Index(i))
		}
	case reflect.Struct:
		switch x := v.Interface().(type) {
		case Estimate:
			if x.N < 0 || x.Lo > x.Hi {
				t.Fatalf("%s: %+v", where, x)
			}
		case Bounds:
			if !(x.CI.Lo <= x.Lo && x.Lo <= x.Hi && x.Hi <= x.CI.Hi) {
				t.Fatalf("%s: %+v is not in order", where, x)
			}
		}
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			sound(t, where+"."+name, v.Field(i))
			if x := v.Field(i); (name == "P" || name == "CheckP") && !(x.Float() >= 0 && x.Float() <= 1) {
				t.Fatalf("%s.%s is %v", where, name, x.Float())
			}
			if x, ok := v.Field(i).Interface().(Status); ok && !statuses[x] {
				t.Fatalf("%s.%s is %q", where, name, x)
			}
		}
	}
}

// holds demands that an interval holds its value.
func holds(t *rapid.T, where string, e Estimate) {
	look(t, where, e)
	if e.Known() && !(e.Lo <= e.Value && e.Value <= e.Hi) {
		t.Fatalf("%s: %+v is not around its value", where, e)
	}
}

func look(t *rapid.T, where string, all ...any) {
	for _, x := range all {
		sound(t, where, reflect.ValueOf(x))
	}
}

// count is mostly a small one, or none, or far more than a site ever sees.
func count() *rapid.Generator[int64] {
	return rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 4), rapid.Int64Range(0, 1000), rapid.Int64Range(0, 1e12), rapid.Int64Range(-3, 3))
}

func counts() *rapid.Generator[[]int64] { return rapid.SliceOfN(count(), 0, 6) }

// score is any number, or one that is none.
func score() *rapid.Generator[float64] {
	return rapid.OneOf(rapid.Float64Range(-5, 5), rapid.Float64(), rapid.SampledFrom([]float64{0, 1, 2, 3, math.NaN(), math.Inf(1), math.MaxFloat64, -math.MaxFloat64, 5e-324}))
}

func scores() *rapid.Generator[[]float64] { return rapid.SliceOfN(score(), 0, 6) }

func conf() *rapid.Generator[float64] {
	return rapid.OneOf(rapid.Just(Confidence), rapid.Float64Range(0.5, 0.999), rapid.SampledFrom([]float64{0, 1, -1, 2, math.NaN(), math.Inf(1), 1e-300, 1 - 1e-16}))
}

func TestSharesAndScoresAreTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := conf().Draw(t, "conf")
		n := rapid.SliceOfN(count(), 6, 6).Draw(t, "n")
		holds(t, "Wilson", Wilson(n[0], n[1], c))
		holds(t, "Newcombe", Newcombe(n[0], n[1], n[2], n[3], c))
		holds(t, "Newcombe of parts", Newcombe(min(n[0], n[1]), n[1], min(n[2], n[3]), n[3], c))
		look(t, "Net", Net(n[0], n[1], n[2], c))
		x, y, s := counts().Draw(t, "x"), counts().Draw(t, "y"), scores().Draw(t, "s")
		look(t, "MeanScore", MeanScore(x, s, c))
		look(t, "Homogeneity", Homogeneity(x, y))
		look(t, "Trend", Trend(x, y, s))
		m := min(len(x), len(y))
		parts, wholes := make([]int64, m), make([]int64, m)
		for i := range m {
			parts[i], wholes[i] = max(0, min(x[i], y[i])), max(0, y[i])
		}
		look(t, "Homogeneity of parts", Homogeneity(parts, wholes))
		look(t, "Trend of parts", Trend(parts, wholes, rapid.SliceOfN(score(), m, m).Draw(t, "dose")))
	})
}

func TestStrataAreTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := conf().Draw(t, "conf")
		var tables []Fourfold
		for _, s := range rapid.SliceOfN(rapid.SliceOfN(count(), 4, 4), 0, 5).Draw(t, "tables") {
			tables = append(tables, Fourfold{s[0], s[1], s[2], s[3]})
		}
		m := MH(tables, c)
		look(t, "MH", m)
		holds(t, "MH", m.Difference)
		plain, tarone := BreslowDay(tables)
		look(t, "BreslowDay", plain, tarone)
		a, b := counts().Draw(t, "a"), counts().Draw(t, "b")
		look(t, "WinProbability", WinProbability(a, b, c))
		k := rapid.IntRange(0, 6).Draw(t, "verdicts")
		var rows []TwoRows
		for range rapid.IntRange(0, 4).Draw(t, "rows") {
			row := rapid.SliceOfN(count(), k, k)
			rows = append(rows, TwoRows{row.Draw(t, "A"), row.Draw(t, "B")})
		}
		w := StratifiedWin(rows, c)
		look(t, "StratifiedWin", w)
		if w.Theta < 0 || w.Theta > 1+1e-12 || w.Lo < 0 || w.Hi > 1+1e-12 {
			t.Fatalf("%+v is no probability", w)
		}
	})
}

func TestTablesAreTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, columns := rapid.IntRange(0, 4).Draw(t, "layouts"), rapid.IntRange(0, 5).Draw(t, "outcomes")
		square := rapid.SliceOfN(rapid.SliceOfN(count(), columns, columns), rows, rows)
		ragged := rapid.SliceOfN(counts(), 0, 4)
		for name, of := range map[string]*rapid.Generator[[][]int64]{"square": square, "ragged": ragged} {
			strata := rapid.SliceOfN(of, 0, 4).Draw(t, name)
			fit := rapid.SliceOfN(score(), columns, columns).Draw(t, "scores")
			for _, x := range []Test{GeneralAssociation(strata), MeanScores(strata, fit), MeanScores(strata, scores().Draw(t, "any")), VanElteren(strata)} {
				look(t, name, x)
				if x.Status == OK && x.DF > float64(max(0, rows-1)*max(1, columns-1)) && name == "square" {
					t.Fatalf("%+v: more degrees of freedom than %d layouts and %d outcomes have", x, rows, columns)
				}
			}
		}
	})
}

func TestSplitAndSafeAreTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, weights, alpha := counts().Draw(t, "x"), scores().Draw(t, "weights"), scores().Draw(t, "alpha")
		look(t, "SplitFinal", SplitFinal(x, weights))
		w := NewSplitWatch(weights, alpha)
		for _, day := range rapid.SliceOfN(counts(), 0, 4).Draw(t, "days") {
			w.Add(day)
			look(t, "SplitWatch", w.LogBF(), w.P())
			if w.P() < 0 || w.P() > 1 {
				t.Fatal(w.P())
			}
		}
		f := rapid.SliceOfN(rapid.OneOf(score(), rapid.Float64Range(0, 1e12)), 5, 5).Draw(t, "f")
		look(t, "AlwaysValid", AlwaysValid(f[0], f[1], f[2], f[3], f[4]))
		if n := SampleSize(f[0], f[1], f[2], f[3]); n < 0 || !finite(n) {
			t.Fatal(n)
		}
		u := rapid.SliceOfN(rapid.Float64Range(0, 1), 4, 4).Draw(t, "u")
		if n := SampleSize(u[0], u[1], u[2], u[3]); n < 0 || !finite(n) {
			t.Fatal(n)
		}
		p := scores().Draw(t, "p")
		for _, adjusted := range [][]float64{Holm(p), BenjaminiHochberg(p)} {
			if len(adjusted) != len(p) {
				t.Fatal(adjusted)
			}
			for i, a := range adjusted {
				if !(a >= 0 && a <= 1) || p[i] >= 0 && p[i] <= 1 && a < p[i] {
					t.Fatalf("%v adjusts to %v", p, adjusted)
				}
			}
		}
	})
}

func TestOrderAndBoundsAreTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := conf().Draw(t, "conf")
		n := rapid.SliceOfN(count(), 6, 6).Draw(t, "n")
		best, worst := Marks{n[0], n[1], n[2]}, Marks{n[3], n[4], n[5]}
		m := MirrorPair(best, worst, c)
		look(t, "MirrorPair", m)
		shift, se := StratifiedShift([][2]Marks{{best, worst}, {worst, best}, {{}, best}}, c)
		look(t, "StratifiedShift", shift, se)
		holds(t, "StratifiedShift", shift)
		one, se := StratifiedShift([][2]Marks{{best, worst}}, c)
		if one.Known() != m.Shift.Known() || math.Abs(one.Value-m.Shift.Value) > 1e-12 || math.Abs(se-m.SE) > 1e-12 {
			t.Fatalf("one stratum gives %+v, the pair %+v", one, m.Shift)
		}
		look(t, "Manski", Manski(n[0], n[1], n[2], c), Manski(min(n[0], n[1], n[2]), min(n[1], n[2]), n[2], c))
		b, trim := Lee(n[0], n[1], n[2], n[3], n[4], n[5])
		look(t, "Lee", b, trim)
		b, trim = Lee(min(n[0], n[1], n[2]), min(n[1], n[2]), n[2], min(n[3], n[4], n[5]), min(n[4], n[5]), n[5])
		look(t, "Lee of parts", b, trim)
		if b.Lo < -1-1e-12 || b.Hi > 1+1e-12 || trim < 0 || trim > 1 {
			t.Fatalf("%+v, %v", b, trim)
		}
	})
}
