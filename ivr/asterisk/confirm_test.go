package asterisk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/ivr/layout"
	"aftercall/ivr/survey"
	"aftercall/scoring"

	"github.com/google/go-cmp/cmp"
)

// confirming lets the world's layout ask to confirm.
func confirming(w *world) {
	c := toy
	c.Layouts = slices.Clone(toy.Layouts)
	c.Layouts[0].Confirm = &layout.Confirm{Say: en("{label} {key} {again}"), Key: "1", Again: "3", Times: 2, Wait: layout.Delay(4 * time.Second)}
	book, err := survey.NewBook(c, "seed", nil, toneLibrary{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.asked.Book = book
}

// chooses presses a rating key and hears what was chosen.
func (w *world) chooses(pressed, sentence string) {
	w.t.Helper()
	w.says(key("c1", pressed))
	media := w.Media("c1")
	if !slices.Equal(media, []string{sentence}) {
		w.t.Errorf("behind key %s plays %v, want %s", pressed, media, sentence)
	}
	w.says(w.Playback("PlaybackStarted", "c1", 0))
	w.pass(time.Second)
	w.says(w.Playback("PlaybackFinished", "c1", 0))
}

// TestConfirm: a choice is read back and taken back, the next is kept, and
// only that is stored, with every key.
func TestConfirm(t *testing.T) {
	bubble(t, confirming, func(w *world) {
		w.enters("c1")
		w.chooses("1", "sound:good-1-3")
		w.says(key("c1", "3"))
		w.says(w.Playback("PlaybackStarted", "c1", 0))
		w.pass(time.Second)
		w.chooses("3", "sound:bad-1-3")
		w.wantStory("c1/1", "call")
		w.says(key("c1", "1"))
		w.thanked("c1")
		w.wantStory("c1/1", "call, rated 3 dissatisfied, completed")
		var uses []scoring.Use
		for seq := range 4 {
			uses = append(uses, w.store.keys("c1/1")[seq+1].Use)
		}
		if d := cmp.Diff([]scoring.Use{scoring.TakenBack, scoring.Action, scoring.Accepted, scoring.Action}, uses); d != "" {
			t.Errorf("uses of the keys (-want +got):\n%s", d)
		}
	})
}

// TestCutInConfirm: a choice stays over a cut and is read back again.
func TestCutInConfirm(t *testing.T) {
	bubble(t, confirming, func(w *world) {
		w.enters("c1")
		w.chooses("3", "sound:bad-1-3")
		w.cut()
		w.pass(firstRetry)
		w.says(w.Playback("PlaybackStarted", "c1", 0))
		w.pass(time.Second)
		w.says(w.Playback("PlaybackFinished", "c1", 0))
		w.pass(4 * time.Second)
		w.thanked("c1")
		w.wantStory("c1/1", "call, rated 3 dissatisfied, completed")
		if n := w.Count("play c1"); n != 4 {
			t.Errorf("%d lists played, want 4: menu, choice twice, thank-you", n)
		}
	})
}

// TestRestartInConfirm: every list that an earlier run can have left on the
// air is ended, those of the step too; the question is asked again, because
// the choice was not stored.
func TestRestartInConfirm(t *testing.T) {
	bubble(t, func(w *world) {
		confirming(w)
		w.leftOpen("c1")
		w.Plays("c1", playback("c1", 1, 0, 9)) // the last: four readings, two choices, two repeats of either, thanks
	}, func(w *world) {
		stops := 0
		for _, r := range w.Requests() {
			if strings.HasPrefix(r, "stop ") {
				stops++
			}
		}
		if stops != 9 || w.List("c1") != "c1_1-1.1" {
			t.Errorf("%d lists ended, %q plays, want 9 and the menu", stops, w.List("c1"))
		}
		w.says(w.Playback("PlaybackStarted", "c1", 0))
		w.chooses("1", "sound:good-1-3")
		w.hangsUp("c1")
		w.wantStory("c1/1", "rated 1 satisfied, completed")
	})
}
