package asterisk

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestSlowStop: a rating is written while Asterisk takes its time to end the
// menu, and the thank-you waits for both.
func TestSlowStop(t *testing.T) {
	const takes = time.Second
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		w.On("stop", func(rw http.ResponseWriter, r *http.Request) {
			<-time.After(takes)
			w.does("stop", rw, r)
		})
		w.says(key("c1", "1"))
		w.wantStory("c1/1", "call, rated 1 satisfied") // no time went by
		if n := w.Count("play c1"); n != 1 {
			t.Errorf("%d lists played, want the menu alone until it is silent", n)
		}
		w.pass(takes)
		w.thanked("c1")
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
	})
}

// TestSlowStore: the menu is silent at once while the store takes its time, and
// the thank-you waits for both.
func TestSlowStore(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.enters("c1")
		gate := make(chan struct{})
		w.store.hold(gate)
		w.says(key("c1", "1"))
		if w.Count("stop c1_1-0.1") != 1 || w.Count("play c1") != 1 {
			t.Errorf("requests %v, want the menu stopped and no thank-you", w.Requests())
		}
		close(gate)
		synctest.Wait()
		w.thanked("c1")
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
	})
}
