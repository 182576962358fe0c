package layout

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"
)

// unheard are the fields that no caller can notice, by path.
var unheard = []string{
	"Layout.Name", "Layout.Question", "Question.Name", "Question.Scale", "Scale.Name",
	"Layout.Options[2].Pause", // behind the last option
	// of a verdict that neither offers
	"Scale.Verdicts[3].ID", "Scale.Verdicts[3].Value", "Scale.Verdicts[3].Satisfied",
	"Scale.Verdicts[3].Label[0].Language", "Scale.Verdicts[3].Label[0].Say",
}

// full is a definition with something in every field.
func full() Definition {
	say := func(s string) Texts { return Texts{{"en", s}} }
	second := Delay(time.Second)
	return Definition{
		Layout: Layout{
			Name: "full", Question: "service", LeadIn: second, AskPause: second, Phrase: say("{label}, press {key}"),
			Options: []Option{{"1", "good", second}, {"2", "fair", second}, {"3", "bad", second}},
			Wait:    second, BargeIn: true, NoInput: Retry{1, say("again")}, WrongKey: Retry{1, say("wrong")},
			Actions: []Action{{"0", Repeat, 1}},
			Confirm: &Confirm{say("{label}?"), "1", "2", 1, second},
		},
		Question: Question{"service", "service", say("how was it?")},
		Scale: Scale{"service", []Verdict{
			{"bad", 1, false, say("bad")}, {"fair", 2, false, say("fair")}, {"good", 3, true, say("good")}, {"great", 4, true, say("great")},
		}},
	}
}

// TestEveryFieldDiffers changes one field after the other: whatever a caller
// can notice is a difference, and the rest is none.
func TestEveryFieldDiffers(t *testing.T) {
	var paths []string
	leaves(reflect.ValueOf(full()), "", func(path string, _ reflect.Value) { paths = append(paths, path) })
	if len(paths) < 50 {
		t.Fatalf("%d fields, want all", len(paths))
	}
	for _, path := range paths {
		changed := full()
		leaves(reflect.ValueOf(&changed).Elem(), "", func(p string, v reflect.Value) {
			if p == path {
				change(v)
			}
		})
		got := Differ(full(), changed)
		if back := Differ(changed, full()); !slices.Equal(got, back) {
			t.Errorf("%s: %v one way, %v the other", path, got, back)
		}
		if noticed := !slices.Contains(unheard, path); noticed != (len(got) > 0) {
			t.Errorf("%s: differs in %v, and a caller notices: %v", path, got, noticed)
		}
	}
	for _, path := range unheard {
		if !slices.Contains(paths, path) {
			t.Errorf("%s is no field", path)
		}
	}
}

// leaves walks every plain value.
func leaves(v reflect.Value, path string, visit func(string, reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		leaves(v.Elem(), path, visit)
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if path != "" {
				name = path + "." + name
			}
			leaves(v.Field(i), name, visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			leaves(v.Index(i), fmt.Sprintf("%s[%d]", path, i), visit)
		}
	default:
		visit(path, v)
	}
}

func change(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	default:
		v.SetInt(v.Int() + 1)
	}
}

// TestMirrored: two options or five, read backwards; whatever else changes, or
// an order that is not the opposite, is no mirror.
func TestMirrored(t *testing.T) {
	order := func(pauses []Delay, verdicts ...string) Definition {
		d := full()
		d.Layout.Options = nil
		for i, v := range verdicts {
			d.Layout.Options = append(d.Layout.Options, Option{v[:1], v, pauses[i]})
		}
		for _, v := range verdicts {
			if _, ok := d.Scale.Verdict(v); !ok {
				d.Scale.Verdicts = append(d.Scale.Verdicts, Verdict{ID: v})
			}
		}
		slices.SortFunc(d.Scale.Verdicts, func(a, b Verdict) int {
			if a.ID < b.ID {
				return -1
			}
			return 1
		})
		return d
	}
	even, uneven := []Delay{1, 1, 1, 1, 1}, []Delay{1, 2, 3, 4, 5}
	for _, c := range []struct {
		name string
		a, b Definition
		want bool
	}{
		{"two", order(even, "yes", "no"), order(even, "no", "yes"), true},
		{"five", order(even, "a", "b", "c", "d", "e"), order(even, "e", "d", "c", "b", "a"), true},
		{"five, uneven pauses in one place", order(uneven, "a", "b", "c", "d", "e"), order(uneven, "e", "d", "c", "b", "a"), true},
		{"five, pauses turned too", order(uneven, "a", "b", "c", "d", "e"), order([]Delay{4, 3, 2, 1, 5}, "e", "d", "c", "b", "a"), false},
		{"two of five changed places", order(even, "a", "b", "c", "d", "e"), order(even, "e", "b", "c", "d", "a"), false},
		{"the same", order(even, "yes", "no"), order(even, "yes", "no"), false},
		{"one more", order(even, "a", "b", "c"), order(even, "d", "c", "b", "a"), false},
	} {
		if got := Mirrored(c.a, c.b); got != c.want {
			t.Errorf("%s: %v, want %v; differ in %v", c.name, got, c.want, Differ(c.a, c.b))
		}
	}
	if got, want := Differ(order(even, "a", "b", "c"), order(even, "c", "d", "a")), []Difference{ByOptions, ByOrder}; !slices.Equal(got, want) {
		t.Errorf("partly shared: %v, want %v", got, want)
	}
}
