package standin

import (
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestBadScripts: a script that says what cannot be is refused, with every
// line at fault.
func TestBadScripts(t *testing.T) {
	for script, want := range map[string]string{
		"StasisStart":                               "want WHAT WHICH: FAULT",
		"StasisStart drop":                          "want WHAT WHICH: FAULT",
		"StasisBegin *: drop":                       `"StasisBegin" is no event and no request`,
		"StasisStart 0: drop":                       "want *, a number from 1 or a share",
		"StasisStart 101%: drop":                    "want a share over 0% and up to 100%",
		"StasisStart x%: drop":                      "want a share over 0% and up to 100%",
		"StasisStart *: lose":                       `fault "lose", want drop, duplicate`,
		"StasisStart *: TIME":                       `fault "TIME", want drop, duplicate`,
		"StasisStart *: delay":                      "want delay TIME",
		"StasisStart *: delay 5":                    "want a time like 300ms",
		"StasisStart *: delay -5s":                  "want a time like 300ms",
		"StasisStart *: drop it":                    "want drop",
		"StasisStart *: garble eggs":                "want one of [cut types",
		"play *: drop":                              `fault "drop", want status CODE`,
		"play *: status":                            "want status CODE",
		"play *: status 99":                         "want a status from 200 to 599",
		"events *: twice":                           `fault "twice", want status CODE, slow TIME`,
		"ping *: delay 1s":                          `fault "delay", want drop`,
		"play *: never\n\n# two\nstop *: always\nx": "line 4",
	} {
		if _, err := ParseScript(script, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("script %q: %v, want %q", script, err, want)
		}
	}
	if _, err := ParseScript("a\nb", 1); err == nil || strings.Count(err.Error(), "line ") != 2 {
		t.Errorf("two lines at fault: %v, want both", err)
	}
}

// TestScript: what a rule is about, which of them, and what becomes of it.
func TestScript(t *testing.T) {
	k, start := Key("c1", "1"), Event("StasisStart", "channel", Object{"id": "c1"})
	for _, c := range []struct {
		script string
		events []string
		want   []string // what is sent
	}{
		{"", []string{k}, []string{k}},
		{"# nothing\n", []string{k}, []string{k}},
		{"ChannelDtmfReceived 2: drop", []string{k, start, k, k}, []string{k, start, k}},
		{"Stasis* *: duplicate", []string{k, start}, []string{k, start, start}},
		{"* *: duplicate\nStasisStart *: drop", []string{k, start}, []string{k, k}},
		{"ChannelDtmfReceived *: swap", []string{k, start}, []string{start, k}},
		{"StasisStart *: garble cut", []string{start, k}, []string{start[:len(start)/2], k}},
		{"StasisStart *: beside empty", []string{start}, []string{"", start}},
		{"play *: never", []string{k}, []string{k}},
	} {
		s, err := ParseScript(c.script, 1)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range c.events {
			kind := "StasisStart"
			if e == k {
				kind = "ChannelDtmfReceived"
			}
			for _, d := range s.deliver(kind, "c1", e, []string{"c1"}) {
				got = append(got, string(d.data))
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("script %q sends %q, want %q", c.script, got, c.want)
		}
	}
}

// TestShares: about as many are hit as the script says, the same ones with
// the same seed, and a delay is one.
func TestShares(t *testing.T) {
	hits := func(seed uint64) (out []int) {
		s, err := ParseScript("ChannelDtmfReceived 20%: delay 300ms", seed)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 1000 {
			if d := s.deliver("ChannelDtmfReceived", "c1", Key("c1", "1"), nil); d[0].after == 300*time.Millisecond {
				out = append(out, i)
			}
		}
		return out
	}
	a := hits(1)
	if n := len(a); n < 150 || n > 250 {
		t.Errorf("%d of 1000 events hit, want about 200", n)
	}
	if !slices.Equal(a, hits(1)) || slices.Equal(a, hits(2)) {
		t.Error("want the same events with the same seed, and others with another")
	}
}
