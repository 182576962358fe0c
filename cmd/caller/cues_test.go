package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// play runs a persona through segments, 10 ms at a time and as the segments
// become known to the ear, and tells what it did when: "1200 press 1".
func play(t *testing.T, acts string, segments []segment) (deeds []string, c *cues) {
	t.Helper()
	personas, err := readPersonas([]byte(`personas: [{name: x, weight: 1, number: "7", acts: [`+acts+`]}]`), "")
	if err != nil {
		t.Fatal(err)
	}
	c = newCues(&personas[0], testTone, testRelease)
	free := 0 // when the last key is done
	pressing := false
	for now := 0; now <= segments[len(segments)-1].End; now += windowMs {
		s := known(segments, now)
		if now < free {
			continue
		}
		if pressing {
			c.done(now)
			pressing = false
		}
		switch a := c.next(s); {
		case a == nil:
		case a.Hangup:
			return append(deeds, fmt.Sprintf("%d hangup", now)), c
		default:
			deeds = append(deeds, fmt.Sprintf("%d press %s", now, a.Press))
			free, pressing = now+100, true
		}
	}
	return deeds, c
}

// known is what an ear knows of the segments at a moment.
func known(all []segment, now int) state {
	s := state{now: now}
	for _, g := range all {
		if now < g.Start+shortest[g.Kind]*windowMs {
			break
		}
		if n := len(s.segments); n > 0 {
			s.segments[n-1].End = g.Start
		}
		s.segments = append(s.segments, segment{sound: g.sound, Start: g.Start, End: now})
	}
	if n := len(s.segments); n > 0 && s.segments[n-1].Kind == silence {
		s.quietFor = now - s.segments[n-1].Start
	}
	return s
}

// timeline makes segments of "tone 1000, silence 500, speech 800".
func timeline(text string) (segments []segment) {
	at := 0
	for part := range strings.SplitSeq(text, ", ") {
		var name string
		var length int
		if _, err := fmt.Sscan(part, &name, &length); err != nil {
			panic(err)
		}
		g := segment{sound: sound{Kind: kind(name)}, Start: at, End: at + length}
		switch name {
		case "tone":
			g.Hz = testTone
		case "release":
			g.sound = sound{Kind: tone, Hz: testRelease}
		}
		segments = append(segments, g)
		at = g.End
	}
	return segments
}

func TestCues(t *testing.T) {
	const menu = "tone 1000, silence 500, speech 900, silence 200, speech 300, silence 600, speech 800, silence 400, speech 700, silence 5000"
	tests := map[string]struct {
		acts, heard string
		want        []string
	}{
		"at counts from the first speech":     {`{at: 1200ms, press: "1"}`, menu, []string{"2700 press 1"}},
		"a pause under 350 ms is in the part": {`{after_part: 1, press: "1"}`, menu, []string{"3250 press 1"}},
		"part 2 has ended":                    {`{after_part: 2, press: "2"}`, menu, []string{"4650 press 2"}},
		"part 3, then hang up":                {`{after_part: 3, hangup: true}`, menu, []string{"5750 hangup"}},
		"the menu is over":                    {`{quiet: 1s, press: "1"}`, menu, []string{"6400 press 1"}},
		"acts in their order":                 {`{after_part: 2, press: "9"}, {at: 0s, press: "1"}`, menu, []string{"4650 press 9", "4750 press 1"}},
		"talk counts from the tone":           {`{talk: 500ms, hangup: true}`, menu, []string{"500 hangup"}},
		"no survey, no act":                   {`{at: 0s, press: "1"}`, "speech 500, tone 1000, silence 3000", nil},
		"quiet wants speech after the act before": {
			`{quiet: 1s, press: "9"}, {quiet: 1s, press: "1"}`,
			"tone 500, speech 1000, silence 4000, speech 500, silence 2000",
			[]string{"2500 press 9", "7000 press 1"},
		},
		"speech that the key has cut off is no answer": {
			`{at: 500ms, press: "9"}, {quiet: 1s, press: "1"}`,
			"tone 500, speech 700, silence 2000, speech 500, silence 2000",
			[]string{"1000 press 9", "4700 press 1"},
		},
		"each visit has its acts": {
			`{quiet: 1s, press: "1"}, {visit: 2, quiet: 1s, press: "3"}`,
			"tone 500, speech 500, silence 1500, speech 500, silence 300, tone 500, speech 500, silence 1500",
			[]string{"2000 press 1", "5300 press 3"},
		},
		"acts of a visit that is over are dropped": {
			`{after_part: 5, press: "1"}, {visit: 2, quiet: 1s, press: "3"}`,
			"tone 500, speech 500, silence 1000, tone 500, speech 500, silence 1500",
			[]string{"4000 press 3"},
		},
		"after the release the survey is over": {`{quiet: 1s, press: "1"}`, "tone 500, speech 500, release 500, silence 3000", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, _ := play(t, test.acts, timeline(test.heard))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCuesRecordVisits(t *testing.T) {
	all := timeline("silence 100, tone 500, silence 200, speech 400, silence 600, tone 300, silence 400, release 500")
	_, c := play(t, `{quiet: 3s, press: "1"}, {visit: 2, at: 0s, press: "1"}`, all)
	survey := 800
	want := []visitRecord{
		{TalkStart: 100, TalkEnd: 600, SurveyStart: &survey, Segments: all[1:5], Presses: []press{}},
		{TalkStart: 1800, TalkEnd: 2100, Segments: all[5:], Presses: []press{}},
	}
	if diff := cmp.Diff(want, c.finish(all), sameSegments); diff != "" {
		t.Error(diff)
	}
	if !c.released || c.left() != 2 {
		t.Errorf("released %t, %d acts left; want true, 2", c.released, c.left())
	}
}

// A busy machine makes holes in a talk; that is no second visit. A talk that
// begins later is one, also without a survey before it.
func TestHoleInATalk(t *testing.T) {
	for text, want := range map[string][][2]int{
		"tone 500, silence 80, tone 300, silence 200, speech 400":                         {{0, 880}},
		"tone 500, silence 80, tone 300, silence 80, tone 100, silence 100, speech 400":   {{0, 1060}},
		"tone 500, silence 300, tone 300, silence 200, speech 400":                        {{0, 500}, {800, 1100}},
		"tone 500, silence 80, speech 400, silence 80, tone 300, silence 200, speech 400": {{0, 500}, {1060, 1360}},
	} {
		all := timeline(text)
		_, c := play(t, "", all)
		var got [][2]int
		for _, v := range c.finish(all) {
			got = append(got, [2]int{v.TalkStart, v.TalkEnd})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: talks (-want +got):\n%s", text, diff)
		}
	}
}
