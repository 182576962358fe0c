package asterisk

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"aftercall/scoring"
)

// leftOpen gives what an earlier run left of the caller on a channel, who is
// still in the application.
func (w *world) leftOpen(channel string, change ...func(*scoring.CallRow)) {
	w.Start(channel, "v1", "agent=PJSIP/1001", "queue=support", "uniqueid="+channel, "visit=1")
	w.left = append(w.left, w.row(channel, change...))
}

func (w *world) row(channel string, change ...func(*scoring.CallRow)) scoring.CallRow {
	id := scoring.CallID{UniqueID: channel, Visit: 1}
	_, given, name := w.asked.Book.Plan(id, "support", "en")
	row := scoring.CallRow{ID: id, Call: scoring.Call{Node: "node1", Queue: "support", Survey: name, Language: "en"}}
	for _, a := range given {
		row.Questions = append(row.Questions, scoring.AskedRow{Assignment: a})
	}
	for _, f := range change {
		f(&row)
	}
	w.store.known[id] = true
	return row
}

func rated(r *scoring.CallRow) {
	r.Questions[0].Answer = &scoring.Answer{Question: "service", Outcome: scoring.Rated, Verdict: "satisfied", Value: 3, Entry: "1", Reading: 1}
}

// TestTakenUpAgain: a survey that an earlier run left open goes on at its
// question, once, and what that run left on the air is ended.
func TestTakenUpAgain(t *testing.T) {
	bubble(t, func(w *world) {
		w.leftOpen("c1", func(r *scoring.CallRow) { r.Keys = []scoring.Keypress{{Seq: 3}} })
		w.Plays("c1", playback("c1", 1, 0, 2)) // a retry
	}, func(w *world) {
		want := []string{"channel c1", "variable c1", "stop c1_1-0.1", "stop c1_1-0.2", "play c1"}
		if got := w.Requests()[len(w.Requests())-len(want):]; !slices.Equal(got, want) {
			t.Errorf("requests %v, want %v", got, want)
		}
		if w.List("c1") != "c1_1-1.1" {
			t.Errorf("list %q, want one that the earlier run cannot have played", w.List("c1"))
		}
		w.says(w.Start("c1", "v1", "agent=PJSIP/1001", "queue=support", "uniqueid=c1", "visit=1")) // the event comes late
		w.says(w.Playback("PlaybackStarted", "c1", 0))
		w.cut()
		w.pass(firstRetry)
		w.says(w.Playback("PlaybackStarted", "c1", 0), key("c1", "3"))
		w.thanked("c1")
		w.wantStory("c1/1", "rated 3 dissatisfied, completed")
		w.wantMetric(1, "aftercall_calls_recovered_total", "resumed")
		if k := w.store.keys("c1/1"); k[4].Key != "3" {
			t.Errorf("keys %v, want the fourth", k)
		}
		if r := w.store.records[0]; r.Resumed != 1 || r.Call != nil {
			t.Errorf("first record %+v, want the resumption alone", r)
		}
		if r := w.store.last("c1/1"); r.Resumed != 2 {
			t.Errorf("record %+v, want the second resumption, behind the cut", r)
		}
	})
}

// TestSecondRestart: the lists of both earlier runs are ended, the last first.
func TestSecondRestart(t *testing.T) {
	bubble(t, func(w *world) {
		w.leftOpen("c1", rated, func(r *scoring.CallRow) { r.Resumed = 1 })
	}, func(w *world) {
		var stops []string
		for _, r := range w.Requests() {
			if strings.HasPrefix(r, "stop ") {
				stops = append(stops, r)
			}
		}
		if len(stops) != 2*6 || stops[0] != "stop c1_1-1.1" || stops[6] != "stop c1_1-0.1" {
			t.Errorf("requests %v, want the six lists of each run", stops)
		}
		w.thanked("c1")
		w.wantStory("c1/1", "completed")
	})
}

// TestClockSetBackBetweenRuns: what the earlier run stored is later than this
// run's clock. The call ends behind that all the same, and in time.
func TestClockSetBackBetweenRuns(t *testing.T) {
	var began time.Time
	bubble(t, func(w *world) {
		began = time.Now().Add(time.Hour)
		w.leftOpen("c1", func(r *scoring.CallRow) {
			r.Call.StartedAt = began
			r.Keys = []scoring.Keypress{{Seq: 1, At: began.Add(time.Second)}}
		})
		gone := w.row("gone", func(r *scoring.CallRow) { r.Call.StartedAt = began })
		w.left = append(w.left, gone)
	}, func(w *world) {
		w.says(w.Playback("PlaybackStarted", "c1", 0))
		w.pass(time.Second)
		w.says(key("c1", "3"))
		w.thanked("c1")
		w.wantStory("c1/1", "rated 3 dissatisfied, completed")
		w.wantStory("gone/1", "error, lost")
		for _, id := range []string{"c1/1", "gone/1"} {
			for _, r := range w.store.records {
				for _, a := range r.Answers {
					if r.ID.String() == id && a.At.Before(began) {
						t.Errorf("call %s: answer at %s, want it behind the start at %s", id, a.At, began)
					}
				}
				if r.ID.String() == id && r.End != nil && r.End.At.Before(began) {
					t.Errorf("call %s: end at %s, want it behind the start at %s", id, r.End.At, began)
				}
			}
		}
		if k := w.store.keys("c1/1")[2]; !k.At.After(began.Add(time.Second)) || k.MS != 1000 {
			t.Errorf("key %+v, want it behind the first one, 1 s into the reading", k)
		}
	})
}

// TestNotTakenUpAgain: whoever cannot be asked is released, and the call is
// closed as our fault.
func TestNotTakenUpAgain(t *testing.T) {
	for name, prepare := range map[string]func(w *world){
		"too late":      func(w *world) { w.leftOpen("c1"); w.Limit("c1", "7.5") },
		"other layouts": func(w *world) { w.leftOpen("c1", func(r *scoring.CallRow) { r.Questions[0].Version = "old" }) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, prepare, func(w *world) {
				if w.Count("play c1") != 0 || w.Count("continue c1") != 1 {
					t.Errorf("requests %v, want the caller released unasked", w.Requests())
				}
				w.wantStory("c1/1", "error, lost")
			})
		})
	}
}

// TestTakenUpInTime: the dialplan leaves just enough time.
func TestTakenUpInTime(t *testing.T) {
	bubble(t, func(w *world) { w.leftOpen("c1"); w.Limit("c1", "11.5") }, func(w *world) {
		w.says(w.Playback("PlaybackStarted", "c1", 0), key("c1", "1"))
		w.thanked("c1")
		w.wantStory("c1/1", "rated 1 satisfied, completed")
	})
}

// TestNotThereAnyMore: calls of this node whose caller is gone are closed when
// the node is connected; those of other nodes are theirs.
func TestNotThereAnyMore(t *testing.T) {
	bubble(t, func(w *world) {
		w.leftOpen("here")
		w.left = append(w.left, w.row("gone"), w.row("thanked", rated), w.row("theirs", func(r *scoring.CallRow) { r.Call.Node = "node2" }))
		w.On("events", status(503))
	}, func(w *world) {
		w.wantStory("gone/1", "")
		w.On("events", nil)
		w.pass(firstRetry)
		w.wantStory("here/1", "")
		w.wantStory("gone/1", "error, lost")
		w.wantStory("thanked/1", "completed")
		w.wantStory("theirs/1", "")
		w.wantMetric(2, "aftercall_calls_recovered_total", "not_there")
		if n := w.node.surveys.Left.Len(); n != 1 {
			t.Errorf("%d calls left, want that of the other node", n)
		}
		w.hangsUp("here")
	})
}

// TestAdoptionCut: a connection that ends in the middle of it releases nobody;
// the next one takes them up.
func TestAdoptionCut(t *testing.T) {
	bubble(t, func(w *world) {
		w.leftOpen("c1")
		w.left = append(w.left, w.row("gone"))
		w.On("channel", never)
	}, func(w *world) {
		w.On("channel", nil)
		w.cut()
		w.pass(firstRetry)
		if w.Count("continue c1") != 0 || w.Count("play c1") != 1 {
			t.Errorf("requests %v, want the caller asked", w.Requests())
		}
		w.wantStory("gone/1", "error, lost")
		w.hangsUp("c1")
		w.wantStory("c1/1", "hangup, caller_left")
	})
}

// TestManyTakenUp: every caller is taken up once, a few at a time.
func TestManyTakenUp(t *testing.T) {
	bubble(t, func(w *world) {
		for i := range 50 {
			w.leftOpen(fmt.Sprint("c", i))
		}
		w.On("channel", func(rw http.ResponseWriter, r *http.Request) {
			<-time.After(time.Second)
			w.does("channel", rw, r)
		})
	}, func(w *world) {
		w.pass(time.Second / 2)
		_, n := w.Open()
		n-- // one is the event connection
		if n != adoptBound {
			t.Errorf("%d requests at a time, want %d", n, adoptBound)
		}
		w.pass(10 * time.Second)
		for i := range 50 {
			if c := fmt.Sprint("c", i); w.Count("play "+c) != 1 {
				t.Errorf("%s was played %d menus, want one", c, w.Count("play "+c))
			}
		}
		w.wantMetric(50, "aftercall_calls_recovered_total", "resumed")
	})
}

// TestElsewhere: a channel that is not in our application any more is left
// alone.
func TestElsewhere(t *testing.T) {
	bubble(t, func(w *world) {
		w.Start("c1")
		w.On("channel", func(rw http.ResponseWriter, _ *http.Request) {
			_, _ = rw.Write([]byte(`{"id":"c1","dialplan":{"app_name":"Playback","app_data":"aftercall,v1"}}`))
		})
	}, func(w *world) {
		if w.Count("continue c1") != 0 || w.Count("play c1") != 0 {
			t.Errorf("requests %v, want none to the channel", w.Requests())
		}
	})
}

// TestSystemNames: a name that is not the node's is told; one that another
// node of the service has is refused.
func TestSystemNames(t *testing.T) {
	for _, c := range []struct {
		system, other string
		connected     bool
		want          string
	}{
		{"node1", "", true, ""},
		{"", "", true, "write systemname = node1 into asterisk.conf"},
		{"pbx7", "", true, `calls itself "pbx7"`},
		{"pbx7", "pbx7", false, `its systemname "pbx7" is also that of node "node2"`},
	} {
		bubble(t, func(w *world) {
			w.Calls(c.system)
			if c.other != "" {
				w.node.surveys.Names.claim("node2", c.other)
			}
		}, func(w *world) {
			if s := w.node.Status(); s.Connected != c.connected || c.want == "" != (s.Error == "") || !strings.Contains(s.Error, c.want) {
				t.Errorf("systemname %q, another node's %q: status %+v, want connected %v, %q", c.system, c.other, s, c.connected, c.want)
			}
		})
	}
	n := NewNames()
	if _, ok := n.claim("a", "x"); !ok {
		t.Error("x is free")
	}
	if _, ok := n.claim("a", "y"); !ok {
		t.Error("a node may change its name")
	}
	if other, ok := n.claim("b", "y"); ok || other != "a" {
		t.Error("y is node a's")
	}
	n.free("a")
	if _, ok := n.claim("b", "y"); !ok {
		t.Error("y is free again")
	}
}
