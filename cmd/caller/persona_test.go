package main

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBuiltInPersonas(t *testing.T) {
	personas, err := readPersonas(builtInPersonas, "7001")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, p := range personas {
		total += p.Weight
	}
	if total != 100 {
		t.Errorf("weights add up to %d, want 100, so that a weight reads as percent", total)
	}
}

func TestReadPersonas(t *testing.T) {
	text := `
personas:
  - name: a
    weight: 2
    number: "7002"
    acts:
      - {at: 1200ms, press: "1#"}
      - {visit: 2, quiet: 1s, hangup: true}
  - {name: b, weight: 1}
`
	got, err := readPersonas([]byte(text), "7001")
	if err != nil {
		t.Fatal(err)
	}
	at, quiet := span(1200*time.Millisecond), span(time.Second)
	want := []persona{
		{Name: "a", Weight: 2, Number: "7002", Acts: []act{
			{Visit: 1, At: &at, Press: "1#"}, {Visit: 2, Quiet: &quiet, Hangup: true}}},
		{Name: "b", Weight: 1, Number: "7001"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBadPersonas(t *testing.T) {
	one := func(acts string) string {
		return "personas: [{name: x, weight: 1, number: \"7\", acts: [" + acts + "]}]"
	}
	tests := map[string]struct{ text, want string }{
		"empty":          {"", `personas: none, want one or more`},
		"unknown key":    {"personas: [{nmae: x}]", "yaml: unmarshal errors:\n  line 1: field nmae not found in type main.persona"},
		"no name":        {`personas: [{weight: 1, number: "7"}]`, `persona 1: name: none, want one`},
		"name twice":     {`personas: [{name: x, weight: 1, number: "7"}, {name: x, weight: 1, number: "7"}]`, `persona "x": name is used twice, want another`},
		"no weight":      {`personas: [{name: x, number: "7"}]`, `persona "x": weight: 0, want 1 to 1000000`},
		"no number":      {`personas: [{name: x, weight: 1}]`, `persona "x": number: none, want number: here or --number`},
		"bad number":     {`personas: [{name: x, weight: 1, number: "7@8"}]`, `persona "x": number: "7@8", want letters, digits, - _ . + *`},
		"no unit":        {one(`{at: 5, press: "1"}`), `line 1: "5": not a duration, want e.g. 800ms or 2s`},
		"negative":       {one(`{at: -5s, press: "1"}`), `line 1: "-5s": not a duration, want e.g. 800ms or 2s`},
		"no cue":         {one(`{press: "1"}`), `persona "x": act 1: 0 cues, want exactly one of talk, at, after_part, quiet`},
		"two cues":       {one(`{at: 0s, quiet: 1s, press: "1"}`), `persona "x": act 1: 2 cues, want exactly one of talk, at, after_part, quiet`},
		"no deed":        {one(`{at: 0s}`), `persona "x": act 1: want exactly one of press and hangup: true`},
		"two deeds":      {one(`{at: 0s, press: "1", hangup: true}`), `persona "x": act 1: want exactly one of press and hangup: true`},
		"no key":         {one(`{at: 0s, press: "1A"}`), `persona "x": act 1: press: 'A' is not a key, want 0-9 * #`},
		"part 0":         {one(`{after_part: 0, press: "1"}`), `persona "x": act 1: after_part: 0, want 1 or more`},
		"quiet too soon": {one(`{quiet: 100ms, press: "1"}`), `persona "x": act 1: quiet: 100ms, want 350ms or more (shorter silences are inside a part)`},
		"visit -1":       {one(`{visit: -1, at: 0s, press: "1"}`), `persona "x": act 1: visit: -1, want 1 or more`},
		"visits mixed":   {one(`{visit: 2, at: 0s, press: "1"}, {at: 0s, press: "1"}`), `persona "x": act 2: visit: 1 stands after an act of visit 2, want visits in order`},
		"after hangup":   {one(`{at: 0s, hangup: true}, {at: 0s, press: "1"}`), `persona "x": act 2: stands after a hangup, want none`},
		"all faults at once": {one(`{press: "x"}, {at: 0s}`), `persona "x": act 1: 0 cues, want exactly one of talk, at, after_part, quiet
persona "x": act 1: press: 'x' is not a key, want 0-9 * #
persona "x": act 2: want exactly one of press and hangup: true`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := readPersonas([]byte(test.text), "")
			if err == nil || err.Error() != test.want {
				t.Errorf("error:\n%v\nwant:\n%s", err, test.want)
			}
		})
	}
}

func TestChoosePersona(t *testing.T) {
	personas := []persona{{Name: "a", Weight: 70}, {Name: "b", Weight: 25}, {Name: "c", Weight: 5}}
	const calls = 20000
	got := map[string]int{}
	for n := range calls {
		p := choosePersona(personas, 7, n)
		got[p.Name]++
		if again := choosePersona(personas, 7, n); again != p {
			t.Fatalf("call %d: %s, then %s", n, p.Name, again.Name)
		}
	}
	for _, p := range personas {
		share := float64(p.Weight) / 100
		if sigma := math.Sqrt(calls * share * (1 - share)); math.Abs(float64(got[p.Name])-calls*share) > 4*sigma {
			t.Errorf("persona %q: %d of %d calls, want about %.0f", p.Name, got[p.Name], calls, calls*share)
		}
	}
}
