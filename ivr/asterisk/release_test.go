package asterisk

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"aftercall/ivr/survey"
	"aftercall/scoring"
)

// third makes releases work at the third try only.
func (w *world) third(before reply) {
	var tries atomic.Int32
	w.On("continue", func(rw http.ResponseWriter, r *http.Request) {
		if tries.Add(1) < survey.Releases {
			before(rw, r)
			return
		}
		w.does("continue", rw, r)
	})
}

// TestSentOnAtTheThirdTry: whoever is sent on without a survey is not given
// up after one request that failed.
func TestSentOnAtTheThirdTry(t *testing.T) {
	start := func(w *world) string { return w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1") }
	for _, c := range []struct {
		name    string
		prepare func(w *world)
		tell    func(w *world)
	}{
		{"left over", func(w *world) { start(w); w.On("channel", status(500)) }, func(*world) {}},
		{"known", nil, func(w *world) {
			w.store.known[scoring.CallID{UniqueID: "c1", Visit: 1}] = true
			w.says(start(w))
		}},
		{"not stored", nil, func(w *world) {
			w.store.on(func(context.Context, scoring.Record) (scoring.Receipt, error) { return scoring.Receipt{}, errDisk })
			w.says(start(w))
		}},
		{"spilled", nil, func(w *world) {
			w.store.on(func(context.Context, scoring.Record) (scoring.Receipt, error) {
				return scoring.Receipt{Spilled: true}, nil
			})
			w.says(start(w))
		}},
		{"unreadable", nil, func(w *world) { w.says(strings.Replace(start(w), `"timestamp":"`, `"timestamp":"about `, 1)) }},
		{"stopping", nil, func(w *world) {
			w.listener("busy") // keeps the node from ending
			w.node.mu.Lock()
			w.node.stopping = true
			w.node.mu.Unlock()
			w.says(start(w))
			w.told(w.node.calls["busy"])
		}},
	} {
		for name, fault := range map[string]reply{"refused": status(500), "no answer": never} {
			t.Run(c.name+", "+name, func(t *testing.T) {
				bubble(t, func(w *world) {
					w.third(fault)
					if c.prepare != nil {
						c.prepare(w)
					}
				}, func(w *world) {
					c.tell(w)
					w.pass(survey.Releases * (RequestLimit + sendOnPause))
					if n := w.Count("continue c1"); n != survey.Releases || w.Forget("c1") {
						t.Errorf("%d tries, want %d and the caller released", n, survey.Releases)
					}
				})
			})
		}
	}
}

// TestReleasesEnd: an Asterisk that releases nobody is not asked for ever.
func TestReleasesEnd(t *testing.T) {
	bubble(t, func(w *world) {
		w.Start("old")
		w.On("channel", status(500))
		w.On("continue", status(500))
	}, func(w *world) {
		w.pass(lookEvery)
		if n := w.Count("continue old"); n != survey.Releases {
			t.Errorf("%d tries, want %d", n, survey.Releases)
		}
	})
}

// TestSentOnAndBack: the release worked though Asterisk said no, and the
// caller is in the next visit: that one is not ended by another try.
func TestSentOnAndBack(t *testing.T) {
	bubble(t, func(w *world) {
		w.Start("c1")
		w.On("channel", status(500))
		w.On("continue", func(rw http.ResponseWriter, r *http.Request) {
			w.On("continue", nil)
			<-time.After(time.Millisecond)
			w.Send(w.Start("c1", "v1", "agent=a", "queue=support", "uniqueid=c1", "visit=2"))
			status(500)(rw, r)
		})
	}, func(w *world) {
		w.pass(time.Millisecond)
		w.says(w.Playback("PlaybackStarted", "c1", 0))
		w.pass(2 * sendOnPause)
		if w.Count("continue c1") != 1 {
			t.Errorf("requests %v, want the next visit left alone", w.Requests())
		}
		w.says(key("c1", "1"))
		w.thanked("c1")
		w.wantStory("c1/2", "call, rated 1 satisfied, completed")
	})
}

// TestUnreadableEntry: a caller whose entry cannot be read is released at
// once; one who is being asked is left alone.
func TestUnreadableEntry(t *testing.T) {
	bubble(t, nil, func(w *world) {
		bad := func(channel string) string {
			return strings.Replace(w.Start(channel, "v1", "uniqueid="+channel), `"timestamp":"`, `"timestamp":"about `, 1)
		}
		w.enters("c1")
		w.says(bad("c2"), bad("c1"))
		w.wantMetric(2, "aftercall_ari_events_total", "undecodable")
		w.wantMetric(1, "aftercall_calls_unasked_total", "unheard")
		if w.Count("continue c2") != 1 || w.Count("continue c1") != 0 {
			t.Errorf("requests %v, want c2 released alone", w.Requests())
		}
		w.says(key("c1", "1"))
		w.thanked("c1")
		w.wantStory("c1/1", "call, rated 1 satisfied, completed")
	})
}

func TestEntered(t *testing.T) {
	for data, want := range map[string]string{
		`{"type":"StasisStart","timestamp":17,"args":"none","channel":{"id":"c1","state":1}}`: "c1",
		`{"type":"StasisStart","channel":{"id":"c1`:                                           "",
		`{"type":"StasisStart","channel":{"id":1}}`:                                           "",
		`{"type":"StasisStart"}`:                                                              "",
		`{"type":"StasisEnd","timestamp":17,"channel":{"id":"c1"}}`:                           "",
		`null`: "", ``: "",
	} {
		if got := entered([]byte(data)); got != want {
			t.Errorf("entered(%s) = %q, want %q", data, got, want)
		}
	}
}

// TestDroppedEntry: with a full queue the channels of those who come are told
// all the same.
func TestDroppedEntry(t *testing.T) {
	bubble(t, nil, func(w *world) {
		unheard := make(chan string, 2)
		r, err := w.node.client.dial(w.t.Context(), func(channel string) { unheard <- channel })
		if err != nil {
			t.Fatal(err)
		}
		r.queue = make(chan arrival) // full from the start
		go func() { _ = r.read(w.t.Context()) }()
		synctest.Wait()
		w.says(key("c1", "1"), w.Start("c2", "v1"))
		w.wantMetric(2, "aftercall_ari_events_total", "dropped")
		if len(unheard) != 1 || <-unheard != "c2" {
			t.Error("want to be told of c2 alone")
		}
		_ = r.conn.CloseNow()
	})
}

// TestLook: a caller without a survey is found and asked, though no event ever
// came; one who is being asked is left alone.
func TestLook(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.pass(eventLimit + time.Second)
		w.Start("limbo", "v1", "agent=a", "queue=support", "uniqueid=limbo") // nobody hears of it
		c := w.listener("c1")
		w.On("application", status(503))
		w.pass(lookEvery) // a look that fails says nothing
		w.On("application", nil)
		w.pass(lookEvery)
		if w.Count("play limbo") != 0 {
			t.Error("asked at the first sight: the event could be on its way")
		}
		w.pass(lookEvery)
		w.told(c)
		if w.Count("play limbo") != 1 || w.Count("play c1") != 0 || w.Count("continue c1") != 0 {
			t.Errorf("requests %v, want limbo asked once", w.Requests())
		}
	})
}
